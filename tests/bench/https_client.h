// The bench's own HTTPS client: keep-alive connections over one epoll loop, in the thread that
// calls run(). It shares no code with the server, and does little: it shares the machine with what
// it measures.
#pragma once
#include <openssl/ssl.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::bench {

using SteadyTime = std::chrono::steady_clock::time_point;

// From a kubeconfig that Orrery wrote.
struct Endpoint {
    std::string host, caPem, certificatePem, keyPem;
    int port = 0;
};
Endpoint readKubeconfig(const std::string& path); // ends the program when it is none

struct Response {
    int code = 0;
    std::string body; // empty when it was streamed
};

class HttpsClient;

class Connection {
  public:
    using Answered = std::function<void(Response)>;
    using Bytes = std::function<void(std::string_view)>;

    ~Connection();
    // One request at a time. `answered` may send the next one.
    void send(std::string_view method, std::string_view path, std::string_view body,
              Answered answered, std::string_view contentType = "application/json");
    // A watch: whole lines of it, as they come.
    void watch(std::string_view path, Bytes onLine);
    bool busy() const { return busy_; }

  private:
    friend class HttpsClient;
    Connection(HttpsClient& client, const Endpoint& endpoint);
    void onReady();
    void write();
    void parse();
    bool parseHead();
    void take(std::string_view bytes);
    bool parseChunks();
    void finish();

    HttpsClient& client_;
    SSL* ssl_ = nullptr;
    int socket_ = -1;
    std::string host_, out_, in_, line_;
    std::size_t read_ = 0; // of in_
    bool busy_ = false, headDone_ = false, chunked_ = false;
    std::size_t left_ = 0; // of the body or the chunk
    Response response_;
    Answered answered_;
    Bytes onLine_;
};

class HttpsClient {
  public:
    explicit HttpsClient(const Endpoint& endpoint);
    ~HttpsClient();
    // Connects and shakes hands before it returns; ends the program when that fails.
    Connection& connect();
    void drop(); // closes every connection

    // Serves connections until `done` is true; `tick` is called each time, and at least at
    // `nextTick` when that is set. False: `seconds` have passed.
    bool run(const std::function<bool()>& done, double seconds,
             const std::function<void()>& tick = {});
    void wakeAt(SteadyTime time) { wake_ = time; }

    // A request on a connection of its own; ends the program when the answer isn't 2xx.
    std::string ask(std::string_view method, std::string_view path, std::string_view body = {});

  private:
    friend class Connection;
    Endpoint endpoint_;
    SSL_CTX* context_ = nullptr;
    int epoll_ = -1;
    SteadyTime wake_{};
    std::vector<std::unique_ptr<Connection>> connections_;
};

// One line on stderr, and the end of the program (its Orrery ends with it).
[[noreturn]] void giveUp(const std::string& why);

} // namespace orrery::bench
