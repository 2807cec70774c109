#include "tests/bench/https_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>

namespace orrery::bench {

namespace {
std::string decodeBase64(const std::string& text) {
    std::string out(text.size(), '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
    if (size < 0)
        giveUp("the kubeconfig's base64 can't be read");
    const auto padding = static_cast<std::size_t>(std::count(text.end() - 2, text.end(), '='));
    out.resize(static_cast<std::size_t>(size) - padding);
    return out;
}

std::string valueAfter(const std::string& text, const std::string& key) {
    std::size_t begin = text.find(key);
    if (begin == std::string::npos)
        giveUp("the kubeconfig has no " + key);
    begin = text.find_first_not_of(" \"", begin + key.size());
    return text.substr(begin, text.find_first_of(" \"\n", begin) - begin);
}

struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;
Bio bioOf(const std::string& pem) {
    return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

SSL_CTX* makeContext(const Endpoint& endpoint) {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    X509* certificate =
        PEM_read_bio_X509(bioOf(endpoint.certificatePem).get(), nullptr, nullptr, nullptr);
    EVP_PKEY* key =
        PEM_read_bio_PrivateKey(bioOf(endpoint.keyPem).get(), nullptr, nullptr, nullptr);
    X509* ca = PEM_read_bio_X509(bioOf(endpoint.caPem).get(), nullptr, nullptr, nullptr);
    if (!certificate || !key || !ca || SSL_CTX_use_certificate(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey(context, key) != 1 ||
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca) != 1)
        giveUp("the kubeconfig's certificates can't be used");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    X509_free(certificate);
    X509_free(ca);
    EVP_PKEY_free(key);
    return context;
}

bool equalsIgnoringCase(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) ==
               std::tolower(static_cast<unsigned char>(b));
    });
}
} // namespace

void giveUp(const std::string& why) {
    std::fprintf(stderr, "orrery_bench: %s\n", why.c_str());
    std::exit(1);
}

Endpoint readKubeconfig(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream all;
    all << file.rdbuf();
    const std::string text = all.str();
    const std::string server = valueAfter(text, "server:");
    const std::size_t colon = server.rfind(':');
    Endpoint endpoint;
    endpoint.host = server.substr(8, colon - 8);
    endpoint.port = std::atoi(server.c_str() + colon + 1);
    endpoint.caPem = decodeBase64(valueAfter(text, "certificate-authority-data:"));
    endpoint.certificatePem = decodeBase64(valueAfter(text, "client-certificate-data:"));
    endpoint.keyPem = decodeBase64(valueAfter(text, "client-key-data:"));
    return endpoint;
}

Connection::Connection(HttpsClient& client, const Endpoint& endpoint)
    : client_(client), host_(endpoint.host + ":" + std::to_string(endpoint.port)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(endpoint.port));
    ::inet_pton(AF_INET, endpoint.host.c_str(), &address.sin_addr);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        giveUp("can't connect to " + host_);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ssl_ = SSL_new(client.context_);
    SSL_set_fd(ssl_, socket_);
    if (SSL_connect(ssl_) != 1)
        giveUp("the TLS handshake with " + host_ + " failed");
    ::fcntl(socket_, F_SETFL, ::fcntl(socket_, F_GETFL) | O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = this;
    ::epoll_ctl(client.epoll_, EPOLL_CTL_ADD, socket_, &event);
}

Connection::~Connection() {
    SSL_free(ssl_);
    ::close(socket_);
}

void Connection::send(std::string_view method, std::string_view path, std::string_view body,
                      Answered answered, std::string_view contentType) {
    answered_ = std::move(answered);
    busy_ = true;
    headDone_ = false;
    response_ = {};
    out_.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: ").append(host_);
    out_.append("\r\nAccept: application/json\r\nUser-Agent: orrery-bench");
    if (!body.empty())
        out_.append("\r\nContent-Type: ")
            .append(contentType)
            .append("\r\nContent-Length: ")
            .append(std::to_string(body.size()));
    out_.append("\r\n\r\n").append(body);
    write();
}

void Connection::watch(std::string_view path, Bytes onLine) {
    onLine_ = std::move(onLine);
    send("GET", path, {}, [](const Response& response) {
        giveUp("a watch ended: " + std::to_string(response.code) + " " + response.body);
    });
}

void Connection::write() {
    while (!out_.empty()) {
        ERR_clear_error();
        const int wrote = SSL_write(ssl_, out_.data(), static_cast<int>(out_.size()));
        if (wrote <= 0) // requests are small: a full socket means that the server is stuck
            giveUp("the server takes no more requests");
        out_.erase(0, static_cast<std::size_t>(wrote));
    }
}

void Connection::onReady() {
    char bytes[16 * 1024];
    for (;;) {
        ERR_clear_error();
        const int got = SSL_read(ssl_, bytes, sizeof bytes);
        if (got <= 0) {
            if (SSL_get_error(ssl_, got) == SSL_ERROR_WANT_READ)
                return;
            giveUp("the server closed a connection");
        }
        in_.append(bytes, static_cast<std::size_t>(got));
        parse();
        if (!SSL_pending(ssl_) && got < static_cast<int>(sizeof bytes))
            return; // level-triggered: more would wake again
    }
}

bool Connection::parseHead() {
    const std::size_t end = in_.find("\r\n\r\n", read_);
    if (end == std::string::npos)
        return false;
    const std::string_view head(in_.data() + read_, end - read_);
    response_.code = std::atoi(head.data() + 9);
    chunked_ = false;
    left_ = 0;
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
         at = head.find("\r\n", at + 2)) {
        const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
        const std::string_view name = line.substr(0, line.find(':'));
        if (equalsIgnoringCase(name, "content-length"))
            left_ = std::strtoull(line.data() + 16, nullptr, 10);
        else if (equalsIgnoringCase(name, "transfer-encoding"))
            chunked_ = true;
    }
    response_.body.reserve(left_);
    if (onLine_ && response_.code != 200)
        giveUp("a watch was answered " + std::to_string(response_.code));
    read_ = end + 4;
    headDone_ = true;
    return true;
}

void Connection::take(std::string_view bytes) {
    if (!onLine_) {
        response_.body.append(bytes);
        return;
    }
    for (std::size_t end = bytes.find('\n'); end != std::string_view::npos;
         end = bytes.find('\n')) {
        if (line_.empty()) {
            onLine_(bytes.substr(0, end));
        } else {
            line_.append(bytes.substr(0, end));
            onLine_(line_);
            line_.clear();
        }
        bytes.remove_prefix(end + 1);
    }
    line_.append(bytes);
}

// True: the last chunk has come.
bool Connection::parseChunks() {
    for (;;) {
        if (left_ > 0) { // with the CRLF behind it
            const std::size_t there = std::min(left_, in_.size() - read_);
            if (left_ > 2)
                take({in_.data() + read_, std::min(there, left_ - 2)});
            read_ += there;
            left_ -= there;
            if (left_ > 0)
                return false;
        }
        const std::size_t end = in_.find("\r\n", read_);
        if (end == std::string::npos)
            return false;
        std::size_t size = 0;
        std::from_chars(in_.data() + read_, in_.data() + end, size, 16);
        if (size == 0) {
            if (in_.size() < end + 4)
                return false;
            read_ = end + 4;
            return true;
        }
        read_ = end + 2;
        left_ = size + 2;
    }
}

void Connection::parse() {
    while (busy_ && read_ < in_.size()) {
        if (!headDone_ && !parseHead())
            break;
        if (chunked_) {
            if (!parseChunks())
                break;
        } else {
            const std::size_t there = std::min(left_, in_.size() - read_);
            take({in_.data() + read_, there});
            read_ += there;
            left_ -= there;
            if (left_ > 0)
                break;
        }
        finish();
    }
    in_.erase(0, read_);
    read_ = 0;
}

void Connection::finish() {
    busy_ = false;
    const Answered answered = std::move(answered_);
    answered(std::move(response_));
}

HttpsClient::HttpsClient(const Endpoint& endpoint)
    : endpoint_(endpoint), context_(makeContext(endpoint)), epoll_(::epoll_create1(0)) {}

HttpsClient::~HttpsClient() {
    drop();
    ::close(epoll_);
    SSL_CTX_free(context_);
}

void HttpsClient::drop() {
    connections_.clear();
}

Connection& HttpsClient::connect() {
    connections_.emplace_back(new Connection(*this, endpoint_));
    return *connections_.back();
}

bool HttpsClient::run(const std::function<bool()>& done, double seconds,
                      const std::function<void()>& tick) {
    using namespace std::chrono;
    const SteadyTime end =
        steady_clock::now() + duration_cast<steady_clock::duration>(duration<double>(seconds));
    epoll_event events[128];
    while (!done()) {
        SteadyTime until = end;
        if (wake_ != SteadyTime{} && wake_ < until)
            until = wake_;
        const auto now = steady_clock::now();
        if (now >= end)
            return false;
        const auto wait = duration_cast<milliseconds>(until - now).count() + 1;
        const int ready =
            ::epoll_wait(epoll_, events, 128, until <= now ? 0 : static_cast<int>(wait));
        for (int i = 0; i < ready; ++i)
            static_cast<Connection*>(events[i].data.ptr)->onReady();
        if (tick)
            tick();
    }
    return true;
}

std::string HttpsClient::ask(std::string_view method, std::string_view path,
                             std::string_view body) {
    Connection& connection = connect();
    Response answer;
    connection.send(method, path, body,
                    [&answer](Response response) { answer = std::move(response); });
    if (!run([&connection] { return !connection.busy(); }, 60))
        giveUp("no answer to " + std::string(method) + " " + std::string(path));
    if (answer.code < 200 || answer.code > 299)
        giveUp(std::string(method) + " " + std::string(path) + " was answered " +
               std::to_string(answer.code) + ": " + answer.body.substr(0, 500));
    std::erase_if(connections_,
                  [&connection](const auto& one) { return one.get() == &connection; });
    return answer.body;
}

} // namespace orrery::bench
