// The class is apart from its tables: moc can't read all of their raw strings.
#pragma once
#include "core/trace/trace.h"
#include "tests/support/test.h"

class AuthTest : public QObject {
    Q_OBJECT
  private slots:
    void bootstrapIsComplete();
    void bootstrapAggregates();
    void decides_data();
    void decides();
    void changesCountAtOnce();
    void missingRoleIsNamed();
    void forbiddenTexts_data();
    void forbiddenTexts();
    void nodesMayDoTheirOwn_data();
    void nodesMayDoTheirOwn();
    void escalationIsRefused_data();
    void escalationIsRefused();
    void roleMayBeBoundByBinders();
    void whoIsIt();
    void impersonation_data();
    void impersonation();
    void tokensDieWithTheirObjects();
    void accessReviews_data();
    void accessReviews();
    void rulesReview();
    void tokenReviews();
    void tokenRequests_data();
    void tokenRequests();

  private:
    orrery::NoTrace trace_;
};
