import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaState
import AlulaSystem
import AlulaTestSupport
import Logging
import Synchronization
import Testing

@testable import AlulaGateway

struct DeviceDeskTests {
    private let directory: TemporaryDirectory
    private let pool = BlockingPool()
    private let now = Timestamp(milliseconds: 1_780_000_000_000)
    private let desk: DeviceDesk
    private let news = Mailbox()

    init() throws {
        directory = try TemporaryDirectory()
        let (pool, time, news) = (pool, now, news)
        desk = DeviceDesk(
            files: DeviceFiles(Self.layout(directory)), pool: pool, logger: Logger(label: "test"), now: { time })
        desk.introduce { news.post($0) }
    }

    /// What the desk told others.
    private final class Mailbox: Sendable {
        private let items = Mutex<[DeviceBook.News]>([])
        func post(_ item: DeviceBook.News) { items.withLock { $0.append(item) } }
        var all: [DeviceBook.News] { items.withLock { $0 } }
    }

    private static func layout(_ directory: TemporaryDirectory) -> StateLayout {
        StateLayout(
            request: .init(stateDirectory: directory.path), variables: ["HOME": directory.path],
            currentDirectory: directory.path, exists: { _ in false })
    }

    /// A second desk on the same files, as after a restart.
    private func restarted() -> DeviceDesk {
        let time = now
        return DeviceDesk(
            files: DeviceFiles(Self.layout(directory)), pool: pool, logger: Logger(label: "test"), now: { time })
    }

    private func requestID(_ outcome: DeviceOutcome) throws -> String {
        guard case .pairingRequired(let need) = outcome else { throw Unexpected(outcome: "\(outcome)") }
        return need.request.requestID
    }

    private func grant(_ outcome: DeviceOutcome) throws -> DeviceGrant {
        guard case .admitted(let grant) = outcome else { throw Unexpected(outcome: "\(outcome)") }
        return grant
    }

    private struct Unexpected: Error { let outcome: String }

    /// Pairs a device and returns its token.
    private func pair(_ device: FakeDevice) async throws -> String {
        let request = try requestID(await desk.judge(try device.arrival(at: now)))
        _ = try await desk.approve(request, by: .owner)
        return try #require(try grant(await desk.judge(try device.arrival(at: now))).token?.token.exposed)
    }

    @Test func pairingSurvivesARestart() async throws {
        let device = try FakeDevice()
        let token = try await pair(device)
        let grant = try grant(
            await restarted().judge(try device.arrival(at: now, deviceToken: token, sharedSecret: .missing)))
        #expect(grant.scopes == [.read])
        #expect(try directory.names.sorted() == ["alula", "devices"])
        for name in ["paired.json", "pending.json"] {
            let mode = try BlockingContext.permit { try FileIdentity.of(directory("devices/\(name)")).mode }
            #expect(mode == 0o600)
        }
    }

    @Test func aWrongSignatureIsRefusedBeforeAnythingIsWritten() async throws {
        let device = try FakeDevice()
        var arrival = try device.arrival(at: now)
        arrival.nonce = "another"
        guard case .unproven(.nonceMismatch) = await desk.judge(arrival) else { throw Unexpected(outcome: "") }
        #expect(try directory.names == [])
    }

    @Test func tokensAreShownToTheOwnerAndTheDeviceOnly() async throws {
        let device = try FakeDevice()
        let token = try await pair(device)
        let id = DeviceID(device.id)
        let list = try await desk.list()
        #expect(!list.text().contains(token))
        let operators = DeviceAuthority(scopes: [.pairing, .read])
        #expect(try await desk.rotate(id, role: "operator", scopes: nil, by: operators)["token"] == nil)
        for authority in [DeviceAuthority.owner, DeviceAuthority(scopes: [.read], ownDevice: id)] {
            let rotated = try await desk.rotate(id, role: "operator", scopes: nil, by: authority)
            let shown = try #require(rotated["token"]?.string)
            let arrival = try device.arrival(at: now, deviceToken: shown, sharedSecret: .missing)
            _ = try grant(await desk.judge(arrival))
        }
    }

    @Test func saysWhatChangedAndCountsWhatWasTakenAway() async throws {
        let device = try FakeDevice()
        let id = DeviceID(device.id)
        _ = try await pair(device)
        let before = try grant(await desk.judge(try device.arrival(at: now)))
        #expect(before.revision == desk.revision(of: id))
        _ = try await desk.revoke(id, role: "operator", by: .owner)
        #expect(before.revision != desk.revision(of: id))
        guard case .requested(let request)? = news.all.first else { throw Unexpected(outcome: "\(news.all)") }
        #expect(
            news.all.dropFirst() == [
                .resolved(requestID: request.requestID, device: id, isApproved: true, at: now),
                .withdrawn(id, role: "operator", reason: .revoked),
            ])
    }

    @Test func seesWhatAnotherProgramTookAway() async throws {
        let device = try FakeDevice()
        let token = try await pair(device)
        try directory.write("devices/paired.json", "{}")
        let outcome = await desk.judge(try device.arrival(at: now, deviceToken: token, sharedSecret: .missing))
        guard case .unauthorized(.unknownDevice, _) = outcome else { throw Unexpected(outcome: "\(outcome)") }
        #expect(news.all.last == .withdrawn(DeviceID(device.id), role: nil, reason: .removed))
    }

    @Test func manyAtOnceAreAllAnswered() async throws {
        try await withThrowingTaskGroup(of: DeviceID.self) { group in
            for number in 1...200 as ClosedRange<UInt8> {
                group.addTask { [desk, now] in
                    let device = try FakeDevice(number)
                    let outcome = await desk.judge(try device.arrival(at: now, isDirectLocal: true))
                    return try grant(outcome).device
                }
            }
            var admitted: Set<DeviceID> = []
            for try await id in group { admitted.insert(id) }
            #expect(admitted.count == 200)
        }
        let paired = try await restarted().list()["paired"]?.array
        #expect(paired?.count == 200)
    }

    /// The owner gets in whatever state the files are in, and nobody is told that a right token was wrong.
    @Test func aDamagedFileLocksNobodyOut() async throws {
        let device = try FakeDevice()
        let token = try await pair(device)
        try directory.write("devices/paired.json", "{")
        let bare = try device.arrival(at: now, deviceToken: token, sharedSecret: .missing)
        // Known from before.
        _ = try grant(await desk.judge(bare))
        let fresh = restarted()
        guard case .unavailable = await fresh.judge(bare) else { throw Unexpected(outcome: "") }
        let owner = try FakeDevice(2).arrival(at: now, isDirectLocal: true)
        #expect(try grant(await fresh.judge(owner)).isOwner)
        let error = await #expect(throws: GatewayError.self) {
            try await fresh.remove(DeviceID(device.id), by: .owner)
        }
        #expect(error?.code == .unavailable)
        #expect(try directory.text("devices/paired.json") == "{")
    }

    @Test func withoutThreadsTheOwnerIsLetInAndOthersAreToldToTryAgain() async throws {
        let device = try FakeDevice()
        pool.shutdown()
        guard case .unavailable = await desk.judge(try device.arrival(at: now)) else {
            throw Unexpected(outcome: "")
        }
        let list = await #expect(throws: GatewayError.self) { try await desk.list() }
        #expect(list?.code == .unavailable)
    }

    /// The text of no token is in anything that can be printed.
    @Test func printsNoTokens() async throws {
        let token = try await pair(try FakeDevice())
        let shown = "\(news.all) \(try await desk.list().text())"
        #expect(!shown.contains(token))
    }

    // MARK: Other programs

    private func edit(_ name: String, _ change: (inout JSONObject) throws -> Void) throws {
        var object = try #require(try JSONValue.parse(try directory.text("devices/\(name)")).object)
        try change(&object)
        try directory.write("devices/\(name)", JSONValue.object(object).text())
    }

    @Test func aLookTellsWhatAnotherProgramTookAway() async throws {
        let (first, second) = (try FakeDevice(1), try FakeDevice(2))
        _ = try await pair(first)
        _ = try await pair(second)
        let before = news.all.count
        await desk.look()
        #expect(news.all.count == before)
        try edit("paired.json") { devices in
            devices[first.id] = nil
            var device = try #require(devices[second.id]?.object)
            var tokens = try #require(device["tokens"]?.object)
            var token = try #require(tokens["operator"]?.object)
            token["revokedAtMs"] = 1_780_000_000_000
            tokens["operator"] = .object(token)
            device["tokens"] = .object(tokens)
            devices[second.id] = .object(device)
        }
        await desk.look()
        #expect(
            Set(news.all.dropFirst(before)) == [
                .withdrawn(DeviceID(first.id), role: nil, reason: .removed),
                .withdrawn(DeviceID(second.id), role: "operator", reason: .revoked),
            ])
        #expect(desk.revision(of: DeviceID(first.id)) == 1)
        #expect(try await desk.list()["paired"]?.array?.count == 1)
    }

    @Test func aLookTellsOfRequestsThatAnotherProgramAddsAndApproves() async throws {
        let device = try FakeDevice()
        let request = try requestID(await desk.judge(try device.arrival(at: now)))
        let before = news.all.count
        // Another program approves: the request goes, and the device is there.
        _ = try await restarted().approve(request, by: .owner)
        try edit("pending.json") { requests in
            requests["request-9"] = [
                "requestId": "request-9", "deviceId": "elsewhere", "publicKey": "key", "roles": ["node"],
                "ts": .number(now.milliseconds),
            ]
        }
        await desk.look()
        let told = news.all.dropFirst(before).compactMap { $0.event }
        #expect(told.map(\.name) == ["device.pair.requested", "device.pair.resolved"])
        #expect(told.first?.payload["requestId"] == "request-9")
        #expect(told.last?.payload["decision"] == "approved")
    }

    @Test func aNameIsKeptAndShown() async throws {
        let device = try FakeDevice()
        _ = try await pair(device)
        #expect(try await desk.rename(DeviceID(device.id), to: "  Desk ", by: .owner)["label"] == "Desk")
        let shown = try await restarted().list()["paired"]?.array?.first
        #expect(shown?["operatorLabel"] == "Desk")
        #expect(try await desk.rename(DeviceID(device.id), to: "", by: .owner)["label"] == .null)
        #expect(try await desk.list()["paired"]?.array?.first?["operatorLabel"] == nil)
        for label in ["a\nb", String(repeating: "x", count: 65)] {
            await #expect(throws: GatewayError.self) {
                try await desk.rename(DeviceID(device.id), to: label, by: .owner)
            }
        }
        await #expect(throws: GatewayError.self) { try await desk.rename(DeviceID("other"), to: "x", by: .owner) }
    }
}
