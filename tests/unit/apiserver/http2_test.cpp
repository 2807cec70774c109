// HTTP/2 sessions without a socket: streams, limits, and callers that mean harm.
#include "tests/unit/apiserver/http2_client.h"

using namespace orrery;
using namespace orrery::apiserver;
using namespace orrery::tests;

namespace {
HttpLimits smallLimits() {
    HttpLimits limits;
    limits.headerBytesMax = 4096;
    limits.bodyBytesMax = 100'000;
    limits.unfinishedBytesMax = 250'000;
    limits.streamBytesMax = 1 << 20;
    limits.resetsMax = 50;
    limits.controlFramesMax = 100;
    return limits;
}

struct Joined {
    explicit Joined(bool readsSlowly = false, SessionCaller caller = {},
                    HttpLimits given = smallLimits())
        : limits(given), session(makeHttp2Session(host, limits, std::move(caller))),
          client(*session, readsSlowly) {}
    // Answers the newest request.
    void answer(const std::string& body) { take(answerOf(host.requests.back().slot, body)); }
    void take(Outgoing out) {
        session->take(out);
        client.pump();
    }
    std::int32_t ask(const std::string& path) {
        const std::int32_t id = client.get(path);
        client.pump();
        return id;
    }
    HttpSession::Tick tickIn(int seconds) {
        const auto tick =
            session->onTick(std::chrono::steady_clock::now() + std::chrono::seconds(seconds));
        client.pump();
        return tick;
    }
    Host host;
    HttpLimits limits;
    std::unique_ptr<HttpSession> session;
    Http2Client client;
};
} // namespace

class Http2Test : public QObject {
    Q_OBJECT
  private slots:
    void answersInAnyOrder();
    void readsBodies();
    void refusesBigBodies();
    void refusesBigHeaders();
    void refusesTooManyUnfinishedBodies();
    void sharesTheConnection();
    void streamsAndTheirEnds();
    void slowReadersHurtOnlyThemselves();
    void fullStreamsAreReset();
    void slowRequestsEnd();
    void survivesSmallWrites();
    void limitsStreams();
    void endsRapidResets();
    void endsFloods_data();
    void endsFloods();
    void endsHeaderBombs();
    void goesAway();
    void goesAwayWhileBusy();
    void tellsCallersThatThereAreTooMany();
    void bearsNoise();
};

void Http2Test::answersInAnyOrder() {
    Joined joined;
    std::vector<std::int32_t> ids;
    for (int i = 0; i < 100; ++i)
        ids.push_back(joined.client.get("/" + std::to_string(i)));
    joined.client.pump();
    QCOMPARE(joined.host.requests.size(), std::size_t{100});
    const HttpRequest& first = joined.host.requests.front().request;
    QCOMPARE(first.method + first.target, std::string("GET/0"));
    QCOMPARE(std::string(headerOf(first.headers, "host")), std::string("x"));
    for (std::size_t i = 100; i-- > 0;)
        joined.take(answerOf(joined.host.requests[i].slot, "body" + std::to_string(i)));
    for (std::size_t i = 0; i < 100; ++i) {
        const Seen& seen = joined.client.seen[ids[i]];
        QCOMPARE(seen.status + seen.body, "200body" + std::to_string(i));
        QVERIFY(seen.closed && seen.error == 0);
    }
    const std::int32_t head = joined.client.ask("HEAD", "/h");
    joined.client.pump();
    joined.answer("unseen");
    QCOMPARE(joined.client.seen[head].body, std::string());
    QCOMPARE(joined.client.seen[head].headers["content-length"], std::string("6"));
    QVERIFY(joined.client.seen[head].headers.contains("date"));
}

void Http2Test::readsBodies() {
    Joined joined;
    const std::string body = "{\"a\":\"" + std::string(60'000, 'x') + "\"}";
    joined.client.ask("POST", "/a", {{"content-type", "application/json"}}, &body);
    joined.client.pump();
    QCOMPARE(joined.host.requests.size(), std::size_t{1});
    HttpRequest& request = joined.host.requests[0].request;
    QCOMPARE(request.body.size(), body.size());
    QVERIFY(request.json && request.json->has_value());
    for (int i = 0; i < 50; ++i) { // the windows open again
        joined.client.ask("POST", "/b", {}, &body);
        joined.client.pump();
        QCOMPARE(joined.host.requests.back().request.body.size(), body.size());
        joined.answer("");
    }
}

void Http2Test::refusesBigBodies() {
    Joined joined;
    const std::string body(300'000, 'x');
    const std::int32_t big = joined.client.ask("POST", "/a", {}, &body);
    const std::int32_t declared =
        joined.client.ask("POST", "/b", {{"content-length", "300000"}}, &body);
    joined.client.pump();
    for (const std::int32_t id : {big, declared}) {
        QCOMPARE(joined.client.seen[id].status, std::string("413"));
        QVERIFY(joined.client.seen[id].body.find("limit is 100000") != std::string::npos);
    }
    QVERIFY(joined.host.requests.empty());
    const std::int32_t fine = joined.ask("/fine");
    joined.answer("yes");
    QCOMPARE(joined.client.seen[fine].body, std::string("yes"));
}

void Http2Test::refusesBigHeaders() {
    Joined joined;
    const std::int32_t big = joined.client.ask("GET", "/", {{"x-big", std::string(5000, 'x')}});
    joined.client.pump();
    QCOMPARE(joined.client.seen[big].status, std::string("431"));
    const std::int32_t fine = joined.ask("/fine");
    joined.answer("yes");
    QCOMPARE(joined.client.seen[fine].body, std::string("yes"));
    joined.client.ask("GET", "/", {{"x-big", std::string(9000, 'x')}});
    joined.client.pump();
    QVERIFY(joined.session->failed());
}

void Http2Test::refusesTooManyUnfinishedBodies() {
    Joined joined;
    joined.client.holdsBodiesOpen = true;
    const std::string body(90'000, 'x');
    std::vector<std::int32_t> ids;
    for (int i = 0; i < 4; ++i)
        ids.push_back(joined.client.ask("POST", "/a", {}, &body));
    joined.client.pump();
    int refused = 0;
    for (const std::int32_t id : ids)
        refused += joined.client.seen[id].error == NGHTTP2_REFUSED_STREAM ? 1 : 0;
    QCOMPARE(refused, 2); // 180,000 of 250,000 bytes are kept
    for (const std::int32_t id : ids)
        joined.client.reset(id);
    joined.client.pump();
    joined.client.holdsBodiesOpen = false;
    joined.client.ask("POST", "/b", {}, &body); // there is room again
    joined.client.pump();
    QCOMPARE(joined.host.requests.size(), std::size_t{1});
}

void Http2Test::sharesTheConnection() {
    Joined joined;
    const std::int32_t big = joined.client.get("/big"), small = joined.client.get("/small");
    joined.client.pump();
    Outgoing first = answerOf(joined.host.requests[0].slot, std::string(4'000'000, 'x'));
    joined.session->take(first);
    for (int i = 0; i < 20; ++i) // well under way
        joined.client.toClient();
    Outgoing second = answerOf(joined.host.requests[1].slot, std::string(50'000, 'y'));
    joined.session->take(second);
    const std::size_t before = joined.client.bytesHeard;
    while (!joined.client.seen[small].closed) {
        joined.client.toServer();
        QVERIFY(joined.client.toClient());
    }
    QVERIFY(joined.client.bytesHeard - before < 250'000); // by turns: about twice its own size
    QVERIFY(!joined.client.seen[big].closed);
    joined.client.pump();
    QCOMPARE(joined.client.seen[big].body.size(), std::size_t{4'000'000});
}

void Http2Test::streamsAndTheirEnds() {
    Joined joined;
    const std::int32_t ended = joined.ask("/1"), cut = joined.ask("/2"), left = joined.ask("/3");
    const auto slot = [&joined](int i) {
        return joined.host.requests[static_cast<std::size_t>(i)].slot;
    };
    for (int i = 0; i < 3; ++i) {
        joined.take(streamOf(slot(i)));
        joined.take(moreOf(slot(i), "one\n"));
    }
    joined.take(moreOf(slot(0), "two\n"));
    joined.take(moreOf(slot(0), "", true));
    QCOMPARE(joined.client.seen[ended].body, std::string("one\ntwo\n"));
    QVERIFY(joined.client.seen[ended].closed && joined.client.seen[ended].error == 0);
    QVERIFY(joined.host.gone.empty());

    Outgoing out;
    out.slot = slot(1);
    out.end = out.cut = true;
    joined.take(std::move(out));
    QCOMPARE(joined.client.seen[cut].error, std::uint32_t{NGHTTP2_INTERNAL_ERROR});

    joined.client.reset(left);
    joined.client.pump();
    QCOMPARE(joined.host.gone.size(), std::size_t{2}); // the one that was cut, and this one
    joined.take(moreOf(slot(2), "nobody hears\n"));
    QVERIFY(!joined.session->failed());
    QCOMPARE(joined.tickIn(0), HttpSession::Tick::Idle);
}

void Http2Test::slowReadersHurtOnlyThemselves() {
    Joined joined(true);
    const std::int32_t slow = joined.ask("/slow");
    joined.take(answerOf(joined.host.requests.back().slot, std::string(60'000, 'x')));
    nghttp2_session_consume_connection(joined.client.raw(), 60'000);
    joined.client.pump();
    QVERIFY(joined.client.seen[slow].closed);
    const std::int32_t stuck = joined.ask("/stuck");
    joined.take(answerOf(joined.host.requests.back().slot, std::string(100'000, 'x')));
    nghttp2_session_consume_connection(joined.client.raw(), 65'535);
    joined.client.pump();
    QCOMPARE(joined.client.seen[stuck].body.size(), std::size_t{65'535}); // its window
    QVERIFY(joined.host.timed > 0);
    QCOMPARE(joined.tickIn(0), HttpSession::Tick::Timed);
    const std::int32_t other = joined.ask("/other");
    joined.answer("fine");
    QCOMPARE(joined.client.seen[other].body, std::string("fine"));
    joined.tickIn(30);
    QVERIFY(!joined.client.seen[stuck].closed);
    joined.tickIn(200);
    QCOMPARE(joined.client.seen[stuck].error, std::uint32_t{NGHTTP2_CANCEL});
    QVERIFY(!joined.session->failed());
    QCOMPARE(joined.tickIn(201), HttpSession::Tick::Idle);
}

void Http2Test::fullStreamsAreReset() {
    Joined joined(true);
    const std::int32_t id = joined.ask("/watch"), other = joined.ask("/other");
    const SlotPtr slot = joined.host.requests[0].slot;
    joined.take(streamOf(slot));
    for (int i = 0; i < 40 && !joined.client.seen[id].closed; ++i)
        joined.take(moreOf(slot, std::string(50'000, 'x')));
    QCOMPARE(joined.client.seen[id].error, std::uint32_t{NGHTTP2_CANCEL});
    QVERIFY(slot->out.empty());
    QCOMPARE(joined.host.gone.size(), std::size_t{1});
    nghttp2_session_consume_connection(joined.client.raw(), 65'535);
    joined.client.pump();
    joined.answer("fine");
    QCOMPARE(joined.client.seen[other].body, std::string("fine"));
}

void Http2Test::slowRequestsEnd() {
    Joined joined;
    joined.client.holdsBodiesOpen = true;
    const std::string body = "x";
    const std::int32_t id = joined.client.ask("POST", "/a", {}, &body);
    joined.client.pump();
    QCOMPARE(joined.tickIn(5), HttpSession::Tick::Timed);
    QVERIFY(!joined.client.seen[id].closed);
    joined.tickIn(31);
    QCOMPARE(joined.client.seen[id].error, std::uint32_t{NGHTTP2_CANCEL});
}

void Http2Test::survivesSmallWrites() {
    Joined joined;
    const std::int32_t id = joined.ask("/a");
    Outgoing out = answerOf(joined.host.requests.back().slot, std::string(40'000, 'x'));
    joined.session->take(out);
    for (std::size_t most = 0; !joined.client.seen[id].closed; most = (most + 7) % 1000) {
        joined.client.toClient(most); // a socket that takes a little, or nothing
        joined.client.toServer();
    }
    QCOMPARE(joined.client.seen[id].body.size(), std::size_t{40'000});
}

void Http2Test::limitsStreams() {
    Joined joined;
    for (int i = 0; i < 150; ++i)
        joined.client.get("/");
    joined.client.pump(); // the library keeps to what the settings say
    QCOMPARE(joined.host.requests.size(), std::size_t{100});
    // One that does not; the block says GET, /, https, and the authority x.
    joined.session->receive(frame(NGHTTP2_HEADERS, 5, 2001, "\x82\x84\x87\x41\x01x"));
    joined.client.pump();
    QCOMPARE(joined.host.requests.size(), std::size_t{100});
}

void Http2Test::endsRapidResets() {
    Joined joined;
    for (int i = 0; i < 1000 && joined.client.goAways.empty(); ++i) {
        const std::int32_t id = joined.client.get("/");
        joined.client.pump();
        joined.client.reset(id);
        joined.client.pump();
    }
    QCOMPARE(joined.client.goAways.size(), std::size_t{1});
    QCOMPARE(joined.client.goAways[0].second, std::uint32_t{NGHTTP2_ENHANCE_YOUR_CALM});
    QVERIFY(joined.host.requests.size() < 70);
    QVERIFY(joined.session->finished());

    HttpLimits patient = smallLimits();
    patient.resetsMax = 100'000;
    Joined waiting(false, {}, patient); // requests that nobody has answered are bounded too
    for (int i = 0; i < 900 && waiting.client.goAways.empty(); ++i) {
        const std::int32_t id = waiting.client.get("/");
        waiting.client.pump();
        waiting.client.reset(id);
        waiting.client.pump();
    }
    QCOMPARE(waiting.host.requests.size(), std::size_t{200});
}

void Http2Test::endsFloods_data() {
    QTest::addColumn<QByteArray>("one");
    const auto bytes = [](const std::string& text) {
        return QByteArray(text.data(), static_cast<qsizetype>(text.size()));
    };
    QTest::newRow("ping") << bytes(frame(NGHTTP2_PING, 0, 0, "12345678"));
    QTest::newRow("settings") << bytes(frame(NGHTTP2_SETTINGS, 0, 0, ""));
    QTest::newRow("empty data") << bytes(frame(NGHTTP2_DATA, 0, 1, ""));
}

void Http2Test::endsFloods() {
    QFETCH(QByteArray, one);
    Host host;
    const HttpLimits limits = smallLimits();
    const auto session = makeHttp2Session(host, limits, {});
    session->receive("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(NGHTTP2_SETTINGS, 0, 0, ""));
    session->receive(
        frame(NGHTTP2_HEADERS, 4, 1, "\x83\x84\x87\x41\x01x")); // POST / without an end
    std::string said;
    int sent = 0;
    for (; sent < 5000 && !session->finished() && !session->failed(); ++sent) {
        session->receive({one.data(), static_cast<std::size_t>(one.size())});
        char scratch[16384];
        const std::string_view bytes = session->peek(scratch);
        said.append(bytes);
        session->sent(bytes.size());
    }
    QVERIFY2(session->finished() && sent < 200, qPrintable(QString::number(sent)));
    const std::string calm("\x00\x00\x00\x0b", 4); // ENHANCE_YOUR_CALM
    QVERIFY(said.size() > 17 && said[said.size() - 14] == NGHTTP2_GOAWAY && said.ends_with(calm));

    const auto unread = makeHttp2Session(host, limits, {}); // who doesn't read is ended as well
    unread->receive("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(NGHTTP2_SETTINGS, 0, 0, ""));
    for (int i = 0; i < 5000 && !unread->failed(); ++i)
        unread->receive(frame(NGHTTP2_PING, 0, 0, "12345678"));
    char scratch[16384];
    std::size_t left = 0;
    while (const std::size_t size = unread->peek(scratch).size()) {
        unread->sent(size);
        left += size;
    }
    QVERIFY(left < 10'000);
}

void Http2Test::endsHeaderBombs() {
    Joined joined;
    // A header of 3,000 bytes into the table, then a byte for each time that it is repeated.
    const std::string value(3000, 'v');
    std::string block = "\x82\x84\x87\x41\x01x\x40\x01x\x7f";
    block += "\xb9\x16"; // 127 + 2873
    block += value;
    block += std::string(10'000, '\xbe');
    joined.session->receive(frame(NGHTTP2_HEADERS, 5, 1, block));
    QVERIFY(joined.session->failed());

    Joined endless; // CONTINUATION without an end
    endless.session->receive(frame(NGHTTP2_HEADERS, 1, 1, "\x82\x84\x87\x41\x01x"));
    for (int i = 0; i < 1000 && !endless.session->failed() && endless.client.goAways.empty(); ++i) {
        endless.session->receive(
            frame(NGHTTP2_CONTINUATION, 0, 1, std::string("\x00\x01x\x01y", 5)));
        endless.client.pump();
    }
    QVERIFY(endless.session->failed() || !endless.client.goAways.empty());
    QVERIFY(endless.host.requests.empty());
}

void Http2Test::goesAway() {
    Joined joined;
    joined.ask("/a");
    joined.answer("a");
    QVERIFY(!joined.session->finished());
    joined.session->retire();
    joined.client.pump();
    QCOMPARE(joined.client.goAways.size(), std::size_t{1});
    QCOMPARE(joined.client.goAways[0], (std::pair<std::int32_t, std::uint32_t>{1, 0}));
    QVERIFY(joined.session->finished());
}

void Http2Test::goesAwayWhileBusy() {
    Joined joined;
    const std::int32_t watch = joined.ask("/watch");
    joined.take(streamOf(joined.host.requests.back().slot));
    const std::int32_t late = joined.client.get("/late"); // on its way when the notice leaves
    joined.session->retire();
    joined.client.pump();
    QCOMPARE(joined.host.requests.size(), std::size_t{2});
    QCOMPARE(joined.client.goAways.size(), std::size_t{2}); // the notice, and what was looked at
    QCOMPARE(joined.client.goAways[0].first, std::numeric_limits<std::int32_t>::max());
    QCOMPARE(joined.client.goAways[1].first, late);
    joined.answer("served");
    QCOMPARE(joined.client.seen[late].body, std::string("served"));
    QVERIFY(!joined.session->finished());
    joined.take(moreOf(joined.host.requests[0].slot, "last\n", true));
    QCOMPARE(joined.client.seen[watch].body, std::string("last\n"));
    QVERIFY(joined.session->finished());
}

void Http2Test::tellsCallersThatThereAreTooMany() {
    SessionCaller refused;
    refused.refused = true;
    Joined joined(false, refused);
    const std::int32_t id = joined.ask("/a");
    QCOMPARE(joined.client.seen[id].status, std::string("503"));
    QVERIFY(joined.session->finished());
    Joined silent(false, refused);
    QCOMPARE(silent.tickIn(6), HttpSession::Tick::Overdue);
}

void Http2Test::bearsNoise() {
    Joined http1;
    Host host;
    const auto other = makeHttp2Session(host, http1.limits, {});
    other->receive("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    QVERIFY(other->failed());
    std::uint64_t seed = 7;
    const auto next = [&seed] { return seed = seed * 6364136223846793005U + 1442695040888963407U; };
    for (int round = 0; round < 2000; ++round) {
        Joined joined;
        for (int i = 0; i < 5; ++i) {
            std::string payload(next() >> 60, '\0');
            for (char& c : payload)
                c = static_cast<char>(next() >> 56);
            const auto type = static_cast<std::uint8_t>((next() >> 60) % 11);
            const auto flags = static_cast<std::uint8_t>(next() >> 58);
            joined.session->receive(
                frame(type, flags, static_cast<std::uint32_t>(next() >> 62), payload));
            joined.client.pump();
        }
    }
}

ORRERY_TEST(Http2Test)
#include "http2_test.moc"
