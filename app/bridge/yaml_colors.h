// Colours of YAML in a text document: keys, strings, numbers, comments.
#pragma once
#include <QtGui/QColor>
#include <QtGui/QSyntaxHighlighter>
#include <QtQml/qqmlregistration.h>
#include <QtQuick/QQuickTextDocument>

namespace orrery::app {

class YamlColors : public QSyntaxHighlighter {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QQuickTextDocument* target READ target WRITE setTarget NOTIFY changed REQUIRED)
    Q_PROPERTY(QColor key MEMBER key_ NOTIFY changed)
    Q_PROPERTY(QColor value MEMBER value_ NOTIFY changed)
    Q_PROPERTY(QColor punctuation MEMBER punctuation_ NOTIFY changed)
    Q_PROPERTY(QColor number MEMBER number_ NOTIFY changed)
  public:
    explicit YamlColors(QObject* parent = nullptr);
    QQuickTextDocument* target() const { return target_; }
    void setTarget(QQuickTextDocument* target);

  signals:
    void changed();

  protected:
    void highlightBlock(const QString& line) override;

  private:
    QQuickTextDocument* target_ = nullptr;
    QColor key_, value_, punctuation_, number_;
};

} // namespace orrery::app
