#include "app/bridge/yaml_colors.h"

namespace orrery::app {

YamlColors::YamlColors(QObject* parent) : QSyntaxHighlighter(parent) {
    connect(this, &YamlColors::changed, this, &QSyntaxHighlighter::rehighlight);
}

void YamlColors::setTarget(QQuickTextDocument* target) {
    target_ = target;
    setDocument(target ? target->textDocument() : nullptr);
    emit changed();
}

void YamlColors::highlightBlock(const QString& line) {
    qsizetype at = 0;
    while (at < line.size() &&
           (line[at] == u' ' || (line[at] == u'-' && at + 1 < line.size() && line[at + 1] == u' ')))
        ++at;
    setFormat(0, static_cast<int>(at), punctuation_);
    const qsizetype colon = line.indexOf(u':', at);
    const bool isKey = colon > at && (colon + 1 == line.size() || line[colon + 1] == u' ');
    qsizetype value = at;
    if (isKey) {
        setFormat(static_cast<int>(at), static_cast<int>(colon - at), key_);
        setFormat(static_cast<int>(colon), 1, punctuation_);
        value = colon + 1;
    }
    const QString rest = line.mid(value).trimmed();
    bool isNumber = false;
    rest.toDouble(&isNumber);
    isNumber |= rest == u"true" || rest == u"false" || rest == u"null";
    setFormat(static_cast<int>(value), static_cast<int>(line.size() - value),
              isNumber ? number_ : value_);
}

} // namespace orrery::app
