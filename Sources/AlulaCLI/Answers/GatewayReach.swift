import AlulaJSON
import AlulaPrimitives
import AlulaState

/// How far a caller gets with a gateway: the connection, the introduction, and the questions that a client asks first.
struct GatewayReach {
    /// What the caller may do. Raw values are the report's.
    enum Capability: String {
        case administrator = "admin_capable"
        case writer = "write_capable"
        case reader = "read_only"
        case pairingPending = "pairing_pending"
        case withoutScope = "connected_no_operator_scope"
        case unknown
    }

    /// Something that works but should not stay so.
    struct Warning {
        var code: String
        var message: String
    }

    /// `nil` when there is nobody to ask.
    var url: String?
    var isNamed = false
    /// `nil` when the caller was not let in.
    var hello: JSONValue?
    /// From the first byte to being let in.
    var latency: Duration?
    /// Why the caller was not let in.
    var failure: CommandError?
    /// Answers by method, and why others are missing.
    var answers: [String: JSONValue] = [:]
    var refusals: [String: CommandError] = [:]

    var isConnected: Bool { hello != nil }
    /// A gateway that wants the device to be paired answers too.
    var isReachable: Bool { isConnected || isPairingPending }
    var role: String? { hello?["auth"]?["role"]?.string }
    var scopes: [String] { hello?["auth"]?["scopes"]?.strings ?? [] }
    private var isPairingPending: Bool { failure.map { $0.message.contains("pairing") } ?? false }

    var capability: Capability {
        guard isConnected else { return isPairingPending ? .pairingPending : .unknown }
        if scopes.contains("operator.admin") { return .administrator }
        if scopes.contains("operator.write") { return .writer }
        if scopes.contains("operator.read") { return .reader }
        return .withoutScope
    }

    var warnings: [Warning] {
        var warnings: [Warning] = []
        if isPairingPending {
            warnings.append(
                Warning(code: "pairing_pending", message: "This device waits for approval: alula devices list"))
        }
        if isConnected, !refusals.isEmpty {
            warnings.append(
                Warning(
                    code: "probe_scope_limited",
                    message: "Let in, but not for \(refusals.keys.sorted().joined(separator: ", "))."))
        }
        return warnings
    }

    /// Asks the gateway that was named, or the one that runs here.
    static func probe(_ session: CommandSession) async throws -> GatewayReach {
        var reach = GatewayReach(isNamed: session.context.url != nil)
        guard let target = try await session.router.target() else {
            reach.failure = CommandError(
                .gatewayUnreachable,
                "No gateway is running on \(session.context.layout.state). Start one with: alula gateway run")
            return reach
        }
        reach.url = target.url
        let began = session.environment.now()
        do {
            let source = try await session.router.connect(to: target)
            reach.latency = session.environment.now().duration(since: began)
            reach.hello = source.hello ?? [:]
            for method in ["health", "status", "system-presence"] {
                do {
                    reach.answers[method] = try await source.ask(method, [:])
                } catch let error as CommandError {
                    reach.refusals[method] = error
                }
            }
            await source.close()
        } catch let error as CommandError {
            reach.failure = error
        }
        return reach
    }

    /// The reference's shape.
    func payload(at instant: Timestamp, duration: Duration, timeout: Duration) -> JSONValue {
        let id = isNamed ? "explicit" : "localLoopback"
        var object = JSONObject()
        object["ok"] = .bool(isReachable)
        object["degraded"] = .bool(isReachable && (!isConnected || !refusals.isEmpty))
        object["capability"] = .string(capability.rawValue)
        object["ts"] = .number(instant.milliseconds)
        object["durationMs"] = .number(duration.milliseconds)
        object["timeoutMs"] = .number(timeout.milliseconds)
        object["primaryTargetId"] = isReachable ? .string(id) : .null
        object["warnings"] = .array(
            warnings.map { ["code": .string($0.code), "message": .string($0.message), "targetIds": [.string(id)]] })
        object["network"] = [:]
        object["discovery"] = ["timeoutMs": 0, "count": 0, "beacons": []]
        object["targets"] = .array(url.map { [target(id, url: $0)] } ?? [])
        return .object(object)
    }

    private func target(_ id: String, url: String) -> JSONValue {
        [
            "id": .string(id), "kind": .string(id), "url": .string(url), "active": true,
            "connect": [
                "ok": .bool(isConnected), "rpcOk": .bool(answers["health"] != nil),
                "scopeLimited": .bool(isConnected && !refusals.isEmpty),
                "latencyMs": latency.map { .number($0.milliseconds) } ?? .null,
                "error": failure.map { .string($0.message) } ?? .null, "close": .null,
            ],
            "auth": [
                "role": role.map { .string($0) } ?? .null, "scopes": .array(scopes.map { .string($0) }),
                "capability": .string(capability.rawValue),
            ],
            "self": hello?["server"] ?? .null, "config": .null, "health": answers["health"] ?? .null,
            "summary": answers["status"] ?? .null, "presence": answers["system-presence"] ?? .null,
        ]
    }
}
