import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import Testing

@testable import AlulaGateway

/// `device.*` where no gateway runs: the same decisions, on the files.
struct LocalDevicesTests {
    private let scene: Installation
    private let answers: LocalAnswers

    init() throws {
        scene = try Installation("{}")
        let now = Timestamp(milliseconds: 1_780_000_000_000)
        answers = LocalAnswers(
            layout: scene.layout, variables: [:], currentDirectory: scene.home, version: "1.0.0", pool: BlockingPool(),
            now: { now })
        try scene.write(
            #"{"aa":{"publicKey":"key","roles":["operator"],"scopes":["operator.read"],"tokens":{"operator":{"token":"fake-old","scopes":["operator.read"]}}}}"#,
            to: "state/devices/paired.json")
        try scene.write(
            #"{"request":{"requestId":"request","deviceId":"bb","publicKey":"key2","roles":["node"],"scopes":[],"ts":1779999990000}}"#,
            to: "state/devices/pending.json")
    }

    @Test func listsAndDecides() async throws {
        let list = try await answers.ask("device.pair.list", [:])
        #expect(list["pending"]?.array?.count == 1)
        #expect(!list.text().contains("fake-old"))
        let approved = try await answers.ask("device.pair.approve", ["requestId": "request"])
        #expect(approved["device"]?["roles"] == ["node"])
        let token: JSONValue = ["deviceId": "aa", "role": "operator"]
        let rotated = try await answers.ask("device.token.rotate", token)
        #expect(rotated["token"]?.string?.utf8.count == 43)
        #expect(try await answers.ask("device.token.revoke", token)["revokedAtMs"] == 1_780_000_000_000)
        #expect(try await answers.ask("device.pair.remove", ["deviceId": "aa"]) == ["deviceId": "aa"])
        #expect(try await answers.ask("device.pair.list", [:])["paired"]?.array?.map { $0["deviceId"] } == ["bb"])
    }

    @Test(
        arguments: [
            ("device.pair.approve", [:], "requestId is required"),
            ("device.pair.reject", ["requestId": "other"], "unknown requestId"),
            ("device.pair.remove", ["deviceId": "cc"], "unknown deviceId"),
            ("device.token.rotate", ["deviceId": "aa"], "role is required"),
            ("device.nothing", [:], "unknown method: device.nothing"),
        ] as [(String, JSONValue, String)])
    func saysWhatIsWrong(_ method: String, _ parameters: JSONValue, _ message: String) async throws {
        let error = await #expect(throws: GatewayError.self) { try await answers.ask(method, parameters) }
        #expect(error?.message == message)
    }
}
