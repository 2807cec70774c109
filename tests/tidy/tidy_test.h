// Declared in a header of its own: Qt 6.4's moc can't read the raw strings of the .cpp.
#pragma once
#include <QtTest/QtTest>

class TidyTest : public QObject {
    Q_OBJECT
  private slots:
    void includesFollowTheLayers();
    void filesAndFunctionsAreShort();
    void windowFilesAreShort();
    void nothingBannedIsCalled();
    void stationsAreOnTheMap();
    void everyStationIsEmitted();
    void nothingSpeaksOfTheWorkplace();
};
