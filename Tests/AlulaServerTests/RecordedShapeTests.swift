import AlulaJSON
import AlulaProtocol
import AlulaTestSupport
import Testing

@testable import AlulaServer

/// What is served, against the shapes that were recorded at a real gateway.
///
/// A shape is JSON whose leaves name kinds: `string`, `int`, `bool`, `null`, alternatives joined by `|`, constants
/// behind `=`. A key with `?` was not always there. We may say more than the recorded gateway, and never less.
struct RecordedShapeTests {
    private static func shapes() throws -> [JSONValue] {
        // Recorded once, for the protocol's own tests.
        let text = try #require(Fixture("shapes.jsonl", of: "AlulaProtocolTests").text)
        return try text.split(separator: "\n").map { try JSONValue.parse(String($0)) }
    }

    private static func shape(_ key: String, _ name: String) throws -> JSONValue {
        let found = try shapes().first { $0[key]?.string == name && $0["payload"] != nil }
        return try #require(found?["payload"])
    }

    /// The places at which `value` says less than `shape` or something of another kind.
    private static func differences(_ value: JSONValue?, _ shape: JSONValue, at path: String = "") -> [String] {
        guard let value else { return ["\(path) is missing"] }
        switch shape {
        case .object(let members):
            guard value.object != nil else { return ["\(path) is no object"] }
            return members.flatMap { key, member -> [String] in
                let isOptional = key.hasSuffix("?")
                let name = isOptional ? String(key.dropLast()) : key
                if isOptional, value[name] == nil { return [] }
                return differences(value[name], member, at: "\(path)/\(name)")
            }
        case .array(let elements):
            guard let items = value.array else { return ["\(path) is no array"] }
            guard let element = elements.first else { return [] }
            return items.flatMap { differences($0, element, at: "\(path)/*") }
        case .string(let kinds):
            return kinds.split(separator: "|").contains { fits(value, String($0)) } ? [] : ["\(path) is no \(kinds)"]
        default:
            return ["\(path) has no shape"]
        }
    }

    private static func fits(_ value: JSONValue, _ kind: String) -> Bool {
        switch kind {
        case "string": value.string != nil
        case "int": value.integer != nil
        case "bool": value.bool != nil
        case "null": value.isNull
        case _ where kind.hasPrefix("="): value.string != nil
        default: false
        }
    }

    @Test(arguments: [
        "agent.identity.get", "agents.list", "channels.status", "cron.list", "cron.remove", "cron.runs", "cron.status",
        "health",
        "last-heartbeat", "models.list", "usage.status", "secrets.reload", "sessions.list", "status", "system-presence",
    ])
    func answersInTheRecordedShape(method: String) async throws {
        let shape = try Self.shape("method", method)
        try await ServerRig.run { rig in
            let connection = try await rig.admitted((3, 3))
            try await connection.send(ServerRig.request("1", method))
            let payload = try await connection.answer(to: "1")?["payload"]
            #expect(Self.differences(payload, shape) == [])
        }
    }

    @Test func greetsInTheRecordedShape() async throws {
        var shape = try #require(try Self.shape("method", "connect").object)
        // The recorded gateway had a canvas host, which is an add-on of its own.
        shape["canvasHostUrl"] = nil
        let expected = JSONValue.object(shape)
        let challenge = try Self.shape("event", "connect.challenge")
        try await ServerRig.run { rig in
            let connection = try await RawPeer.webSocket(port: rig.port)
            let first = try await connection.message()
            #expect(Self.differences(first?["payload"], challenge) == [])
            try await connection.send(ServerRig.connect((3, 3)))
            let payload = try await connection.answer(to: "connect")?["payload"]
            #expect(Self.differences(payload, expected) == [])
            let health = try await connection.event("health")
            #expect(Self.differences(health?["payload"], try Self.shape("event", "health")) == [])
        }
    }
}
