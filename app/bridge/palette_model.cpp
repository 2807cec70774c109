#include "app/bridge/palette_model.h"

#include "app/bridge/text.h"

namespace orrery::app {

static const std::vector<PaletteModel::Row>& standing() {
    const auto s = [](const char* utf8) { return QString::fromUtf8(utf8); };
    static const std::vector<PaletteModel::Row> rows = {
        {s("Cluster"), s("page"), s("cluster"), s("page:cluster"), s("Ctrl 1"),
         s("map orrery pods nodes")},
        {s("Loops"), s("page"), s("loops"), s("page:loops"), s("Ctrl 2"),
         s("controllers scheduler kubelet")},
        {s("Store"), s("page"), s("store"), s("page:store"), s("Ctrl 3"),
         s("revisions keys etcd history")},
        {s("Objects"), s("page"), s("objects"), s("page:objects"), s("Ctrl 4"),
         s("kinds tables resources")},
        {s("Pause all loops"), s("kubectl still answers"), s("pause"), s("action:pause-all"),
         s("Space"), s("stop")},
        {s("Resume all loops"), s("action"), s("play"), s("action:resume-all"), s("Space"),
         s("go continue")},
        {s("Step all loops"), s("one key each"), s("step"), s("action:step-all"), s("."), s("")},
        {s("Apply YAML files"), s("choose files"), s("file"), s("action:apply"), s("Ctrl O"),
         s("manifest create")},
        {s("Add a simulated node"), s("action"), s("node"), s("action:add-node"), QString(), s("")},
        {s("Use the dark theme"), s("appearance"), s("theme"), s("action:theme-dark"), QString(),
         s("colours")},
        {s("Use the light theme"), s("appearance"), s("theme"), s("action:theme-light"), QString(),
         s("colours")},
        {s("Use high contrast"), s("appearance"), s("theme"), s("action:theme-contrast"), QString(),
         s("colours")},
        {s("Follow the system's theme"), s("appearance"), s("theme"), s("action:theme-system"),
         QString(), s("")},
        {s("Reduce motion, or not"), s("appearance"), s("theme"), s("action:motion"), QString(),
         s("animation")},
    };
    return rows;
}

QHash<int, QByteArray> PaletteModel::roleNames() const {
    return {{TitleRole, "title"},
            {DetailRole, "detail"},
            {IconRole, "icon"},
            {TargetRole, "target"},
            {ShortcutRole, "shortcut"}};
}

QVariant PaletteModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= count())
        return {};
    const Row& row = rows_[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case TitleRole:
        return row.title;
    case DetailRole:
        return row.detail;
    case IconRole:
        return row.icon;
    case TargetRole:
        return row.target;
    case ShortcutRole:
        return row.shortcut;
    }
    return {};
}

void PaletteModel::search(const QString& text, const std::vector<Row>& more) {
    text_ = text.trimmed();
    found_.clear();
    offers_.clear();
    const QStringList words = text_.split(u' ', Qt::SkipEmptyParts);
    const auto fits = [&words](const Row& row) {
        return std::all_of(words.begin(), words.end(), [&row](const QString& word) {
            return row.title.contains(word, Qt::CaseInsensitive) ||
                   row.words.contains(word, Qt::CaseInsensitive);
        });
    };
    for (const Row& row : standing())
        if (fits(row))
            offers_.push_back(row);
    if (!words.isEmpty())
        for (const Row& row : more)
            if (offers_.size() < 14 && fits(row))
                offers_.push_back(row);
    show();
}

void PaletteModel::setFound(const Found& found) {
    if (text(found.text) != text_)
        return;
    found_.clear();
    for (const FoundRow& row : found.rows)
        found_.push_back(
            {text(row.name),
             row.namespace_.empty() ? text(row.kind) : text(row.kind + " in " + row.namespace_),
             QStringLiteral("object"), text(row.key), QString(), QString()});
    show();
}

void PaletteModel::show() {
    beginResetModel();
    rows_ = offers_;
    // What was asked for by name comes before what only shares a word.
    const auto exact = std::stable_partition(found_.begin(), found_.end(), [this](const Row& row) {
        return row.title.startsWith(text_, Qt::CaseInsensitive);
    });
    rows_.insert(rows_.begin(), found_.begin(), exact);
    rows_.insert(rows_.end(), exact, found_.end());
    endResetModel();
    emit countChanged();
}

} // namespace orrery::app
