#include "core/apiserver/http/http_io.h"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "core/apiserver/http/http_connection.h"

namespace orrery::apiserver {

HttpIo::HttpIo(Env& env_, SslContext ssl_, HttpServer::Handler handler, HttpLimits limits_)
    : env(env_), limits(limits_), ssl(std::move(ssl_)), handler_(std::move(handler)) {}

void HttpIo::listen(int handle, bool ipv6) {
    acceptor_.assign(ipv6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), handle);
    accept();
}

void HttpIo::run() {
    work_.emplace(asio::make_work_guard(context));
    thread_ = std::thread([this] { context.run(); });
}

void HttpIo::accept() {
    acceptor_.async_accept(
        [this](const boost::system::error_code& code, asio::ip::tcp::socket socket) {
            if (code == asio::error::operation_aborted || !acceptor_.is_open())
                return;
            if (!code) {
                onAccepted(std::move(socket));
                return accept();
            }
            // Out of handles, most likely: others have to close first.
            acceptAgain_.expires_after(std::chrono::milliseconds(100));
            acceptAgain_.async_wait([this](const boost::system::error_code& cancelled) {
                if (!cancelled)
                    accept();
            });
        });
}

void HttpIo::onAccepted(asio::ip::tcp::socket socket) {
    if (static_cast<int>(connections_.size()) >= 2 * limits.connectionsMax)
        return; // not even time for a word
    const auto made = std::make_shared<HttpConnection>(shared_from_this(), std::move(socket),
                                                       static_cast<int>(connections_.size()) >=
                                                           limits.connectionsMax);
    connections_.insert(made);
    ++count;
    made->start();
}

void HttpIo::forget(HttpConnection& connection) {
    timed_.erase(&connection);
    connections_.erase(connection.shared_from_this());
    --count;
    finishIfEmpty();
}

void HttpIo::watchDeadline(HttpConnection& connection) {
    timed_.insert(&connection);
    if (!std::exchange(ticking_, true))
        tick();
}

// Once a second while somebody has a deadline, and not at all otherwise.
void HttpIo::tick() {
    ticker_.expires_after(std::chrono::seconds(1));
    ticker_.async_wait([this](const boost::system::error_code& code) {
        if (code)
            return;
        const auto now = std::chrono::steady_clock::now();
        const std::vector<HttpConnection*> all(timed_.begin(), timed_.end());
        for (HttpConnection* connection : all)
            if (timed_.contains(connection)) {
                const auto kept = connection->shared_from_this();
                if (!connection->checkDeadline(now))
                    timed_.erase(connection);
            }
        ticking_ = !timed_.empty();
        if (ticking_)
            tick();
    });
}

void HttpIo::deliver(HttpRequest request, HttpAnswerPtr answer) {
    fresh_.push_back({std::move(request), std::move(answer)});
}

void HttpIo::flushRequests() {
    if (fresh_.empty())
        return;
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        wake = requests_.empty();
        std::move(fresh_.begin(), fresh_.end(), std::back_inserter(requests_));
    }
    fresh_.clear();
    if (wake)
        env.executor.post([self = shared_from_this()] { self->takeRequests(); });
}

// Plane thread.
void HttpIo::takeRequests() {
    std::vector<Incoming> batch;
    {
        const std::lock_guard lock(mutex_);
        batch.swap(requests_);
    }
    for (Incoming& one : batch)
        if (!closed_)
            handler_(std::move(one.request), std::move(one.answer));
}

void HttpIo::send(Outgoing outgoing) {
    if (closed_)
        return;
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        wake = bytes_.empty();
        bytes_.push_back(std::move(outgoing));
    }
    if (wake)
        asio::post(context, [self = shared_from_this()] { self->takeBytes(); });
}

void HttpIo::takeBytes() {
    std::vector<Outgoing> batch;
    {
        const std::lock_guard lock(mutex_);
        batch.swap(bytes_);
    }
    for (Outgoing& one : batch)
        one.connection->receive(one);
    // What came meanwhile for one connection leaves in one write: a watcher may get many events in
    // a batch.
    for (Outgoing& one : batch)
        one.connection->flush();
}

void HttpIo::stop(Duration patience, std::function<void()> done) {
    asio::post(context, [self = shared_from_this(), patience, done = std::move(done)] {
        HttpIo& io = *self;
        boost::system::error_code ignored;
        io.acceptor_.close(ignored);
        io.acceptAgain_.cancel();
        io.stopping_ = true;
        io.onStopped_ = done;
        const auto all = io.connections_;
        for (const auto& connection : all)
            connection->retire();
        io.patience_.expires_after(std::chrono::duration_cast<std::chrono::milliseconds>(patience));
        io.patience_.async_wait([self](const boost::system::error_code& cancelled) {
            if (cancelled)
                return;
            const auto rest = self->connections_;
            for (const auto& connection : rest)
                connection->close();
            self->finishIfEmpty();
        });
        io.finishIfEmpty();
    });
}

void HttpIo::finishIfEmpty() {
    if (!stopping_ || !connections_.empty() || !onStopped_)
        return;
    patience_.cancel();
    env.executor.post(std::exchange(onStopped_, nullptr));
}

void HttpIo::shutDown() {
    closed_ = true;
    asio::post(context, [this] {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        ticker_.cancel();
        patience_.cancel();
        acceptAgain_.cancel();
        const auto all = connections_;
        for (const auto& connection : all)
            connection->close();
        // The loop ends by itself once their last waits are through: what they hold would outlive
        // a loop that is stopped, and with it this object.
        work_.reset();
    });
    if (thread_.joinable())
        thread_.join();
    const std::lock_guard lock(mutex_);
    requests_.clear();
    bytes_.clear();
}

HttpServer::HttpServer() = default;
HttpServer::~HttpServer() {
    if (io_)
        io_->shutDown();
}

namespace {
constexpr int kHandlesKept = 128; // for the store, the logs and the window

// So many that those which are only told 503 have handles too; else the system would let callers
// wait unheard.
int connectionsPossible(int wanted) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return wanted;
    const rlim_t needed = 2 * static_cast<rlim_t>(wanted) + kHandlesKept;
    if (limit.rlim_cur < needed && limit.rlim_cur < limit.rlim_max) {
        const rlim_t before = std::exchange(limit.rlim_cur, std::min(needed, limit.rlim_max));
        if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
            limit.rlim_cur = before;
    }
    if (limit.rlim_cur >= needed)
        return wanted;
    return std::max(8, (static_cast<int>(limit.rlim_cur) - kHandlesKept) / 2);
}
} // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(Env& env,
                                                      std::unique_ptr<ListenSocket> socket,
                                                      const TlsConfig& tls, Handler handler,
                                                      HttpLimits limits) {
    std::signal(SIGPIPE,
                SIG_IGN); // a caller that went away is an error of one write, not of the process
    ORRERY_TRY_ASSIGN(SslContext ssl, makeSslContext(tls));
    limits.connectionsMax = connectionsPossible(limits.connectionsMax);
    std::unique_ptr<HttpServer> server(new HttpServer);
    server->io_ = std::make_shared<HttpIo>(env, std::move(ssl), std::move(handler), limits);
    const bool ipv6 = socket->host().find(':') != std::string::npos;
    server->io_->listen(socket->release(), ipv6);
    server->io_->run();
    return server;
}

void HttpServer::stop(Duration patience, std::function<void()> done) {
    io_->stop(patience, std::move(done));
}

int HttpServer::connections() const {
    return io_->count;
}

} // namespace orrery::apiserver
