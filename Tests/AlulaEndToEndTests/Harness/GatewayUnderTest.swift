import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A gateway that runs as a process of its own, with a client beside it.
final class GatewayUnderTest: Sendable {
    let port: Int
    let installation: Installation
    let log: String
    private let session: ChildSession

    init(session: ChildSession, port: Int, installation: Installation, log: String) {
        self.session = session
        self.port = port
        self.installation = installation
        self.log = log
    }

    var pid: Int32 { session.pid }
    var logText: String { installation.read(log) }
    var token: Secret { Secret(installation.read("alula/gateway-token").trimmed()) }

    /// Stops it and waits for its end.
    func stop(_ signal: Int32 = SIGTERM) async throws -> ChildStatus? {
        kill(pid, signal)
        return try await BlockingPool().run("wait for the gateway", deadline: .after(.seconds(20))) {
            self.session.waitForEnd(until: .after(.seconds(60)))
        }
    }

    /// One HTTP request, answered as status line, headers and body in one text.
    func http(_ path: String, bearer: String? = nil, method: String = "GET") async throws -> String {
        let authorization = bearer.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        let request =
            "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(authorization)Connection: close\r\n\r\n"
        let port = port
        return try await BlockingPool().run("http", deadline: .after(.seconds(60))) {
            try RawSocket.exchange(request, port: port)
        }
    }

    /// The text of a request with a JSON body, with the gateway's token unless another `bearer` is shown. The answer ends with the
    /// connection.
    func request(_ path: String, _ body: String, bearer: String? = nil) -> String {
        """
        POST \(path) HTTP/1.1\r
        Host: 127.0.0.1:\(port)\r
        Authorization: Bearer \(bearer ?? token.exposed)\r
        Content-Type: application/json\r
        Content-Length: \(body.utf8.count)\r
        Connection: close\r
        \r
        \(body)
        """
    }

    /// What is answered to such a request, as one text.
    func post(_ path: String, _ body: String, bearer: String? = nil) async throws -> String {
        let request = request(path, body, bearer: bearer)
        let port = port
        return try await BlockingPool().run("http", deadline: .after(.seconds(300))) {
            try RawSocket.exchange(request, port: port, silence: 60)
        }
    }

    /// Returns once a snapshot is served.
    func waitUntilReady() async throws {
        while try await !http("/readyz").hasPrefix("HTTP/1.1 200") { await Task.yield() }
    }

    func httpBody(_ path: String, bearer: String? = nil) async throws -> JSONValue {
        let answer = try await http(path, bearer: bearer)
        let body = answer.range(after: "\r\n\r\n")
        return try JSONValue.parse(Array(body.utf8))
    }

    /// Polls nothing: returns as soon as the client's events bring an answer for which `isWanted` holds, or at once when
    /// it holds already.
    func models(_ client: GatewayClient, agent: String? = nil) async throws -> [String: JSONValue] {
        var parameters: JSONValue = [:]
        if let agent { parameters = ["agentId": .string(agent)] }
        let answer = try await client.call("models.status", parameters, deadline: .after(.seconds(60)))
        var rows: [String: JSONValue] = [:]
        for row in answer["auth"]?["providers"]?.array ?? [] {
            if let provider = row["provider"]?.string { rows[provider] = row }
        }
        return rows
    }
}

/// A plain TCP exchange that ends with the peer's close. Blocks the calling thread.
enum RawSocket {
    /// - Parameter silence: Seconds of silence that count as the end.
    static func exchange(_ request: String, port: Int, silence: Int = 10) throws -> String {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var timeout = timeval(tv_sec: silence, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(bigEndian: 0x7F00_0001)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else { throw SystemError(.current, while: "connect") }
        let bytes = Array(request.utf8)
        guard send(socket, bytes, bytes.count, 0) == bytes.count else { throw SystemError(.current, while: "send") }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }
}

extension String {
    /// What follows the first `separator`.
    func range(after separator: String) -> String {
        let parts = Array(utf8)
        let mark = Array(separator.utf8)
        guard parts.count >= mark.count else { return "" }
        for start in 0...(parts.count - mark.count) where Array(parts[start..<(start + mark.count)]) == mark {
            return String(decoding: parts[(start + mark.count)...], as: UTF8.self)
        }
        return ""
    }
}

extension GatewayUnderTest {
    /// A client that is let in.
    func connect() async throws -> GatewayClient {
        try await GatewayClient.connect(
            to: GatewayAddress(host: "127.0.0.1", port: port),
            as: GatewayClient.Introduction(version: "test", token: token), deadline: .after(.seconds(60)))
    }

    /// Waits for the event that says so; every event before it is taken.
    func waitForChange(
        _ events: AsyncStream<GatewayFrame.Event>, provider: String, available: Bool
    ) async -> Bool {
        for await event in events where event.name == "models.auth.changed" {
            let changes = event.payload?["changes"]?.array ?? []
            if changes.contains(where: { $0["provider"]?.string == provider && $0["available"]?.bool == available }) {
                return true
            }
        }
        return false
    }
}
