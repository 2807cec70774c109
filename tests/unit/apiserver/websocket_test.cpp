// WebSocket: the handshake, frames in any pieces, and what breaks a connection.
#include "core/apiserver/http/websocket.h"

#include "core/base/base64.h"
#include "tests/unit/apiserver/world.h"

using namespace orrery;
using namespace orrery::apiserver;

namespace {
std::string masked(WebSocketOpcode opcode, const std::string& payload, bool last = true) {
    std::string out = webSocketHead(opcode, payload.size());
    out[0] = static_cast<char>((out[0] & 0x0f) | (last ? 0x80 : 0));
    out[1] = static_cast<char>(out[1] | 0x80);
    const char mask[4] = {'\x12', '\x34', '\x56', '\x78'};
    out.append(mask, 4);
    for (std::size_t i = 0; i < payload.size(); ++i)
        out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
    return out;
}

HttpRequest offer(const std::string& protocols = "") {
    HttpRequest request;
    request.method = "GET";
    request.upgradable = true;
    request.headers = {{"upgrade", "WebSocket"},
                       {"connection", "Upgrade"},
                       {"origin", "http://x"},
                       {"sec-websocket-version", "13"},
                       {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    if (!protocols.empty())
        request.headers.emplace_back("sec-websocket-protocol", protocols);
    return request;
}

std::string valueOf(const Headers& headers, const std::string& name) {
    for (const auto& [key, value] : headers)
        if (key == name)
            return value;
    return "";
}
} // namespace

class WebSocketTest : public QObject {
    Q_OBJECT
  private slots:
    void shakesHands();
    void findsTokens();
    void readsFramesInPieces();
    void breaksOnBadFrames_data();
    void breaksOnBadFrames();
    void speaksOnAStream();
};

void WebSocketTest::shakesHands() {
    QVERIFY(asksForWebSocket(offer()));
    const auto one = shakeHands(offer(), {"base64.binary.k8s.io"});
    const Headers* headers = std::get_if<Headers>(&one);
    QVERIFY(headers);
    QCOMPARE(valueOf(*headers, "Sec-WebSocket-Accept"),
             std::string("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    QCOMPARE(valueOf(*headers, "Sec-WebSocket-Protocol"), std::string("base64.binary.k8s.io"));
    const auto codeOf = [](const HttpRequest& request, const std::vector<std::string>& protocols) {
        const auto shaken = shakeHands(request, protocols);
        const auto* refusal = std::get_if<HttpResponse>(&shaken);
        return refusal ? refusal->code : 101;
    };
    QCOMPARE(codeOf(offer(), {"a", "b"}), 400);
    HttpRequest request = offer();
    request.headers[2].second = "";
    QCOMPARE(codeOf(request, {}), 403); // no origin
    request = offer();
    request.headers[3].second = "8";
    QCOMPARE(codeOf(request, {}), 400);
    request = offer();
    request.headers.pop_back();
    QCOMPARE(codeOf(request, {}), 400);
}

void WebSocketTest::findsTokens() {
    const std::string bearer = "base64url.bearer.authorization.k8s.io.";
    auto protocols =
        offeredProtocols(offer(bearer + base64Url("secret") + ", base64.binary.k8s.io").headers);
    QCOMPARE(protocols.size(), std::size_t{2});
    const auto token = takeBearerToken(protocols);
    QVERIFY(token && token->has_value());
    QCOMPARE(**token, std::string("secret"));
    QCOMPARE(protocols, std::vector<std::string>{"base64.binary.k8s.io"});
    std::vector<std::string> none{"a"}, alone{bearer + base64Url("x")}, broken{bearer + "?", "a"};
    QVERIFY(!takeBearerToken(none));
    QVERIFY(takeBearerToken(alone) && !*takeBearerToken(alone = {bearer + base64Url("x")}));
    QVERIFY(!*takeBearerToken(broken));
}

void WebSocketTest::readsFramesInPieces() {
    const std::string big(70'000, 'b');
    const std::string all =
        masked(WebSocketOpcode::Text, "hel", false) + masked(WebSocketOpcode::Ping, "p") +
        masked(WebSocketOpcode::Continuation, "lo") +
        masked(WebSocketOpcode::Binary, std::string(300, 'x')) +
        masked(WebSocketOpcode::Binary, big) + masked(WebSocketOpcode::Text, "") +
        masked(WebSocketOpcode::Close, "\x03\xe8");
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, all.size()}) {
        WebSocketReader reader(1 << 20, true);
        std::vector<WebSocketReader::Message> messages;
        for (std::size_t at = 0; at < all.size(); at += step)
            for (auto& message : reader.read(std::string_view(all).substr(at, step)))
                messages.push_back(std::move(message));
        QCOMPARE(reader.error(), 0);
        QCOMPARE(messages.size(), std::size_t{6});
        QCOMPARE(messages[0].payload, std::string("p"));
        QCOMPARE(messages[1].payload, std::string("hello"));
        QVERIFY(messages[1].opcode == WebSocketOpcode::Text);
        QCOMPARE(messages[2].payload.size(), std::size_t{300});
        QVERIFY(messages[3].payload == big);
        QCOMPARE(messages[4].payload, std::string());
        QVERIFY(messages[5].opcode == WebSocketOpcode::Close);
    }
    WebSocketReader deaf(1 << 20, false);
    QCOMPARE(deaf.read(all).size(), std::size_t{2}); // the control frames
}

void WebSocketTest::breaksOnBadFrames_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("error");
    const auto row = [](const char* name, const std::string& bytes, int error) {
        QTest::newRow(name) << QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size()))
                            << error;
    };
    row("not masked", webSocketHead(WebSocketOpcode::Text, 1) + "x", kWebSocketProtocolError);
    row("reserved bits", "\xc1\x80", kWebSocketProtocolError);
    row("unknown opcode", "\x83\x80", kWebSocketProtocolError);
    row("long ping", masked(WebSocketOpcode::Ping, std::string(126, 'x')), kWebSocketProtocolError);
    row("ping in pieces", masked(WebSocketOpcode::Ping, "x", false), kWebSocketProtocolError);
    row("nothing to continue", masked(WebSocketOpcode::Continuation, "x"), kWebSocketProtocolError);
    row("two at once",
        masked(WebSocketOpcode::Text, "x", false) + masked(WebSocketOpcode::Text, "x"),
        kWebSocketProtocolError);
    row("too big", masked(WebSocketOpcode::Binary, std::string(2000, 'x')), kWebSocketTooBig);
    row("too big together",
        masked(WebSocketOpcode::Binary, std::string(600, 'x'), false) +
            masked(WebSocketOpcode::Continuation, std::string(600, 'x')),
        kWebSocketTooBig);
    row("huge", std::string("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10) + "mask",
        kWebSocketTooBig);
}

void WebSocketTest::breaksOnBadFrames() {
    QFETCH(QByteArray, bytes);
    QFETCH(int, error);
    WebSocketReader reader(1000, true);
    reader.read({bytes.data(), static_cast<std::size_t>(bytes.size())});
    QCOMPARE(reader.error(), error);
    QVERIFY(reader.read(masked(WebSocketOpcode::Text, "after")).empty());
}

void WebSocketTest::speaksOnAStream() {
    const auto reply = std::make_shared<tests::Reply>();
    int closed = 0;
    std::vector<std::string> heard;
    auto stream = WebSocketStream::open(
        *reply, {}, WebSocketOpcode::Text,
        [&heard](WebSocketReader::Message message) { heard.push_back(message.payload); },
        [&closed] { ++closed; });
    QCOMPARE(reply->code, 101);
    stream->write({Slice::constant("ab"), Slice::constant("c")});
    QCOMPARE(reply->body, std::string("\x81\x03"
                                      "abc"));
    reply->onBytes(masked(WebSocketOpcode::Text, "hi") + masked(WebSocketOpcode::Ping, "?"));
    QCOMPARE(heard, std::vector<std::string>{"hi"});
    QVERIFY(reply->body.ends_with("\x8a\x01?"));
    reply->onBytes(masked(WebSocketOpcode::Close, "\x03\xe8"));
    QVERIFY(reply->body.ends_with("\x88\x02\x03\xe8") && reply->ended);
    QCOMPARE(closed, 1);
    const std::size_t size = reply->body.size();
    stream->write({Slice::constant("late")});
    QCOMPARE(reply->body.size(), size);
}

ORRERY_TEST(WebSocketTest)
#include "websocket_test.moc"
