import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaProtocol
@testable import AlulaState

struct DeviceFilesTests {
    private let directory: TemporaryDirectory
    private let files: DeviceFiles
    private let now = Timestamp(milliseconds: 1_780_000_000_000)

    init() throws {
        directory = try TemporaryDirectory()
        let path = directory.path
        files = DeviceFiles(
            StateLayout(
                request: .init(stateDirectory: path), variables: ["HOME": path], currentDirectory: path,
                exists: { _ in false }))
        try BlockingContext.permit { try Directory.make(directory("devices")) }
    }

    private func load(_ known: DeviceFiles.Contents? = nil) throws -> DeviceFiles.Contents {
        try BlockingContext.permit { try files.load(knowing: known) }
    }

    @discardableResult
    private func change(
        _ known: DeviceFiles.Contents? = nil, _ body: (inout DeviceBook) -> Void
    ) throws -> DeviceFiles.Contents {
        try BlockingContext.permit {
            try files.change(knowing: known, deadline: .after(.seconds(60)), body).contents
        }
    }

    private func json(_ name: String) throws -> JSONValue { try JSONValue.parse(try directory.text("devices/\(name)")) }

    /// As the reference leaves it, with members and an entry of a later version.
    private static let paired = """
        {
          "device-a": {
            "deviceId": "device-a", "publicKey": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "platform": "linux", "clientId": "cli", "clientMode": "cli", "role": "operator",
            "roles": ["operator", "boss"], "scopes": ["operator.write", "operator.read"],
            "approvedScopes": ["operator.write", "operator.read"], "label": "desk",
            "tokens": {
              "operator": {
                "token": "fake-token-a", "role": "operator", "scopes": ["operator.write", "operator.read"],
                "createdAtMs": 1770000000000, "issuer": {"kind": "shared"}
              },
              "boss": {"token": 7}
            },
            "createdAtMs": 1770000000000, "approvedAtMs": 1770000000001
          },
          "device-b": {"publicKey": 5, "later": true},
          "device-c": {"publicKey": "key", "role": "node", "tokens": {"node": {"token": "fake", "revokedAtMs": true}}}
        }
        """

    @Test func nothingThereIsAnEmptyBook() throws {
        let contents = try load()
        #expect(contents.book.devices.isEmpty)
        #expect(contents.book.requests.isEmpty)
        #expect(try directory.names == ["devices"])
    }

    @Test func readsWhatTheReferenceWrote() throws {
        try directory.write("devices/paired.json", Self.paired)
        let book = try load().book
        #expect(book.devices.keys.sorted() == ["device-a", "device-c"])
        let device = try #require(book.devices["device-a"])
        #expect(device.roles == ["boss", "operator"])
        #expect(device.scopes == [.read, .write])
        #expect(device.usableToken(for: .operator)?.token.exposed == "fake-token-a")
        #expect(device.tokens["boss"] == nil)
        let node = try #require(book.devices["device-c"])
        #expect(node.roles == ["node"])
        // Somebody meant to take it away.
        #expect(!node.grants(.node))
    }

    @Test func keepsWhatItDoesNotUnderstand() throws {
        try directory.write("devices/paired.json", Self.paired)
        let before = try json("paired.json")
        try change { book in
            _ = try? book.rotate(
                "device-a", role: "operator", scopes: [.read], by: .owner, at: now,
                minting: DeviceMinting(requestID: { "request" }, token: { Secret("fake-token-new") }))
        }
        var expected = try #require(before.object)
        var device = try #require(expected["device-a"]?.object)
        var tokens = try #require(device["tokens"]?.object)
        var token = try #require(tokens["operator"]?.object)
        token["token"] = "fake-token-new"
        token["scopes"] = ["operator.read"]
        token["rotatedAtMs"] = .number(now.milliseconds)
        tokens["operator"] = .object(token)
        device["tokens"] = .object(tokens)
        expected["device-a"] = .object(device)
        expected["device-c"] = try json("paired.json")["device-c"]
        #expect(try json("paired.json") == .object(expected))
        #expect(try BlockingContext.permit { try FileIdentity.of(directory("devices/paired.json")).mode } == 0o600)
    }

    @Test func writesNothingWhenNothingChanged() throws {
        try directory.write("devices/paired.json", Self.paired, mode: 0o644)
        let contents = try load()
        try change(contents) { _ in }
        #expect(try directory.text("devices/paired.json") == Self.paired)
        #expect(try directory.names == ["devices"])
    }

    @Test func keepsRequestsAndReadsThemBack() throws {
        var request = PairingRequest(
            requestID: "request", device: "device", publicKey: "key", roles: ["operator"], scopes: [.read], askedAt: now
        )
        request.about.displayName = "Phone"
        request.about.platform = "ios"
        request.about.deviceFamily = "iPhone"
        request.about.clientID = "openclaw-ios"
        request.about.clientMode = "ui"
        request.about.role = "operator"
        request.about.remoteAddress = "192.0.2.7"
        request.isRepair = true
        let kept = request
        try change { $0 = DeviceBook(devices: $0.devices, requests: [:]).adding(kept) }
        #expect(try load().book.requests == ["request": request])
        #expect(try json("pending.json")["request"]?["ts"] == .number(now.milliseconds))
        #expect(try BlockingContext.permit { try FileIdentity.of(directory("devices/pending.json")).mode } == 0o600)
        try change { $0.expire(at: now.advanced(by: .seconds(301))) }
        #expect(try json("pending.json") == [:])
    }

    @Test func seesWhatOthersWriteAndChangesThat() throws {
        let contents = try load()
        try directory.write("devices/paired.json", Self.paired)
        #expect(try load(contents).book.devices.count == 2)
        // Another program writes between our look and our write: the change is made on what is there then.
        var runs = 0
        try change { book in
            runs += 1
            if runs == 1 { _ = try? directory.write("devices/paired.json", #"{"device-d":{"publicKey":"key"}}"#) }
            book = book.expiring(at: now)
        }
        #expect(runs == 2)
        #expect(try json("paired.json")["device-d"]?["publicKey"] == "key")
        #expect(try json("paired.json")["device-a"] == nil)
    }

    @Test(arguments: ["", "{", "[]", "null", "\u{0}", #"{"device-a":{"publicKey":"#])
    func refusesADamagedFileAndLeavesIt(_ text: String) throws {
        try directory.write("devices/paired.json", text)
        #expect(#expect(throws: StateError.self) { try load() }?.code == .fileDamaged)
        let error = #expect(throws: StateError.self) { try change { $0 = $0.expiring(at: now) } }
        #expect(error?.code == .fileDamaged)
        #expect(try directory.text("devices/paired.json") == text)
    }

    @Test func aDamagedFileOfRequestsIsLikeNone() throws {
        try directory.write("devices/paired.json", Self.paired)
        try directory.write("devices/pending.json", "{")
        let book = try load().book
        #expect(book.devices.count == 2)
        #expect(book.requests.isEmpty)
    }

    @Test func saysWhyItCanNotWriteAndLeavesTheFile() throws {
        try directory.write("devices/paired.json", Self.paired)
        try directory.write("alula", "in the way")
        let error = #expect(throws: StateError.self) { try change { $0 = $0.expiring(at: now) } }
        #expect(error?.code == .fileUnusable)
        #expect(error?.message.contains("fake-token") == false)
        #expect(try directory.text("devices/paired.json") == Self.paired)
    }

    @Test func programsThatChangeAtOnceLoseNothing() async throws {
        let (files, now) = (files, now)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<24 {
                group.addTask {
                    try BlockingContext.permit {
                        _ = try files.change(deadline: .after(.seconds(60))) { book in
                            let request = PairingRequest(
                                requestID: "request-\(number)", device: DeviceID("device-\(number)"), publicKey: "key",
                                roles: ["operator"], scopes: [], askedAt: now)
                            book = book.adding(request)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try load().book.requests.count == 24)
    }
}

extension DeviceBook {
    /// This book with one more request, which counts as a change of both files.
    fileprivate func adding(_ request: PairingRequest) -> DeviceBook {
        var book = DeviceBook(devices: devices, requests: requests.merging([request.requestID: request]) { $1 })
        book.changes.formUnion([.devices, .requests])
        return book
    }

    /// This book, as something that has to be written.
    fileprivate func expiring(at now: Timestamp) -> DeviceBook {
        var book = self
        book.expire(at: now)
        book.changes.insert(.devices)
        return book
    }
}
