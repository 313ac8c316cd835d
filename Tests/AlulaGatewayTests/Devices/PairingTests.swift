import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaState
import Testing

@testable import AlulaGateway

/// Devices over real sockets, with real keys and real files.
@Suite(.timeLimit(.minutes(2)))
struct PairingTests {
    private static let secret = DeviceRig.secret

    /// Pairs a device as its owner would at the gateway's machine.
    private static func pair(_ device: FakeDevice, _ rig: DeviceRig) async throws -> String {
        let waiting = try await rig.refused(device, token: secret)
        let request = try #require(waiting.error["details"]?["requestId"]?.string)
        _ = try await rig.desk.approve(request, by: .owner)
        let admitted = try await rig.admitted(device, token: secret)
        return try #require(admitted.hello["auth"]?["deviceToken"]?.string)
    }

    @Test func aDeviceWaitsIsApprovedComesBackIsRotatedAndRevoked() async throws {
        try await DeviceRig.run(isRemote: true, bench: try KeeperBench("{}")) { rig in
            var approver = try FakeDevice(1)
            approver.scopes = ["operator.pairing", "operator.read"]
            let approverToken = try await Self.pair(approver, rig)
            var (desk, _) = try await rig.admitted(approver, deviceToken: approverToken)

            let device = try FakeDevice(2)
            let waiting = try await rig.refused(device, token: Self.secret)
            #expect(waiting.error["code"] == "NOT_PAIRED")
            #expect(waiting.error["message"] == "pairing required: device is not paired")
            let details = try #require(waiting.error["details"])
            #expect(details["code"] == "PAIRING_REQUIRED")
            #expect(details["reason"] == "not-paired")
            #expect(details["deviceId"] == .string(device.id))
            let request = try #require(details["requestId"]?.string)
            #expect(
                waiting.close
                    == CloseReason(1008, "pairing required: device is not paired (requestId: \(request))"))
            #expect(try await desk.event("device.pair.requested")?["requestId"] == .string(request))
            // Asking again is no new request.
            #expect(
                try await rig.refused(device, token: Self.secret).error["details"]?["requestId"] == .string(request))

            let approved = try await desk.call("device.pair.approve", ["requestId": .string(request)])
            #expect(approved["payload"]?["device"]?["deviceId"] == .string(device.id))
            let first = try await rig.admitted(device, token: Self.secret)
            #expect(first.hello["auth"]?["scopes"] == ["operator.read"])
            let token = try #require(first.hello["auth"]?["deviceToken"]?.string)
            var (live, hello) = try await rig.admitted(device, deviceToken: token)
            #expect(hello["auth"]?["deviceToken"]?.string == token)
            #expect(try await live.call("status")["ok"] == true)
            #expect(try await live.call("device.pair.list")["error"]?["message"] == "missing scope: operator.pairing")

            // Rotated: its connection ends, the old token is wrong, and whoever rotates for others sees none.
            let target: JSONValue = ["deviceId": .string(device.id), "role": "operator"]
            let rotated = try await desk.call("device.token.rotate", target)
            #expect(rotated["ok"] == true)
            #expect(rotated["payload"]?["token"] == nil)
            #expect(try await live.closed() == CloseReason(4001, "client invalidated: device token rotated"))
            let stale = try await rig.refused(device, deviceToken: token)
            #expect(stale.error["details"]?["code"] == "AUTH_DEVICE_TOKEN_MISMATCH")
            let told = try await rig.admitted(device, token: Self.secret)
            let fresh = try #require(told.hello["auth"]?["deviceToken"]?.string)
            #expect(fresh != token)

            var (last, _) = try await rig.admitted(device, deviceToken: fresh)
            let revoked = try await desk.call("device.token.revoke", target)
            #expect(revoked["payload"]?["revokedAtMs"] == .number(rig.bench.now.milliseconds))
            #expect(try await last.closed() == CloseReason(4001, "client invalidated: device token revoked"))
            #expect(
                try await rig.refused(device, deviceToken: fresh).error["details"]?["code"]
                    == "AUTH_DEVICE_TOKEN_MISMATCH")
            let again = try await rig.refused(device, token: Self.secret)
            #expect(again.error["details"]?["reason"] == "role-upgrade")

            let list = try await desk.call("device.pair.list")
            #expect(list["payload"]?["pending"]?.array?.count == 1)
            #expect(list["payload"]?["paired"]?.array?.count == 2)
            for secret in [token, fresh, approverToken] { #expect(!list.text().contains(secret)) }
        }
    }

    @Test func aDeviceMayEndItselfAndIsAnsweredFirst() async throws {
        try await DeviceRig.run(isRemote: true, bench: try KeeperBench("{}")) { rig in
            var device = try FakeDevice(1)
            device.scopes = ["operator.pairing"]
            let token = try await Self.pair(device, rig)
            var (live, _) = try await rig.admitted(device, deviceToken: token)
            let rotated = try await live.call(
                "device.token.rotate", ["deviceId": .string(device.id), "role": "operator"])
            let own = try #require(rotated["payload"]?["token"]?.string)
            #expect(try await live.closed() == CloseReason(4001, "client invalidated: device token rotated"))
            var (next, _) = try await rig.admitted(device, deviceToken: own)
            #expect(try await next.call("device.pair.remove", ["deviceId": .string(device.id)])["ok"] == true)
            #expect(try await next.closed() == CloseReason(4001, "device removed"))
            #expect(
                try await rig.refused(device, token: Self.secret).error["details"]?["reason"] == "not-paired")
        }
    }

    @Test func aRejectedDeviceAndTheOthersAreTold() async throws {
        try await DeviceRig.run(isRemote: true, bench: try KeeperBench("{}")) { rig in
            var approver = try FakeDevice(1)
            approver.scopes = ["operator.pairing"]
            let token = try await Self.pair(approver, rig)
            var (desk, _) = try await rig.admitted(approver, deviceToken: token)
            let waiting = try await rig.refused(try FakeDevice(2), token: Self.secret)
            let request = try #require(waiting.error["details"]?["requestId"])
            // It holds no right to read, so it can't give it.
            let approved = try await desk.call("device.pair.approve", ["requestId": request])
            #expect(approved["error"]?["details"]?["missingScope"] == "operator.read")
            try await desk.send("device.pair.reject", ["requestId": request])
            let resolved = try await desk.event("device.pair.resolved")
            #expect(resolved?["requestId"] == request)
            #expect(resolved?["decision"] == "rejected")
        }
    }

    /// Who has the shared secret on this machine has every right, with any device, and is never sent away.
    @Test func theOwnerNeverMeetsPairing() async throws {
        try await DeviceRig.run(isRemote: false, bench: try KeeperBench("{}")) { rig in
            var device = try FakeDevice(1)
            device.scopes = []
            var (live, hello) = try await rig.admitted(device, token: Self.secret)
            #expect(hello["auth"]?["scopes"]?.array?.count == Scope.allCases.count)
            let token = try #require(hello["auth"]?["deviceToken"]?.string)
            // Not even when it takes its own token away.
            let target: JSONValue = ["deviceId": .string(device.id), "role": "operator"]
            #expect(try await live.call("device.token.revoke", target)["ok"] == true)
            #expect(try await live.call("status")["ok"] == true)
            #expect(try await live.call("device.pair.remove", ["deviceId": .string(device.id)])["ok"] == true)
            #expect(try await live.call("status")["ok"] == true)
            _ = try await rig.admitted(device, token: Self.secret)
            #expect(
                try await rig.refused(device, deviceToken: token).error["details"]?["code"]
                    == "AUTH_DEVICE_TOKEN_MISMATCH")
            try rig.bench.scene.write("{ damaged", to: "state/devices/paired.json")
            device.platform = "another"
            _ = try await rig.admitted(device, token: Self.secret)
        }
    }

    /// A recorded `connect` opens nothing: not again on its own socket, and on no other.
    @Test func replaysAreRefused() async throws {
        try await DeviceRig.run(isRemote: false, bench: try KeeperBench("{}")) { rig in
            let device = try FakeDevice(1)
            var first = try await rig.open()
            let recorded = try device.parameters(
                nonce: first.nonce, signedAt: rig.bench.now, token: Self.secret)
            #expect(try await first.call("connect", recorded)["ok"] == true)
            #expect(
                try await first.call("connect", recorded)["error"]?["message"]
                    == "connect is only valid as the first request")
            var second = try await rig.open()
            let answer = try await second.call("connect", recorded)
            #expect(
                answer["error"]?["details"] == [
                    "code": "DEVICE_AUTH_NONCE_MISMATCH", "reason": "device-nonce-mismatch",
                ])
            #expect(try await second.closed() == CloseReason(1008, "device nonce mismatch"))
            var third = try await rig.open()
            let old = try device.parameters(
                nonce: third.nonce, signedAt: rig.bench.now.advanced(by: .seconds(-121)), token: Self.secret)
            #expect(
                try await third.call("connect", old)["error"]?["details"]?["code"]
                    == "DEVICE_AUTH_SIGNATURE_EXPIRED")
        }
    }

    /// Lets devices in whose rights are taken away before they are there.
    private struct LateWithdrawal: DeviceAdmitting {
        let desk: DeviceDesk

        func judge(_ arrival: DeviceArrival) async -> DeviceOutcome { await desk.judge(arrival) }
        func revision(of device: DeviceID) -> UInt64 { desk.revision(of: device) + 1 }
    }

    /// Rights that are taken away between the judging and the hello are not missed; the owner's don't rest on the device.
    @Test(arguments: [true, false]) func aWithdrawalDuringTheHandshakeEndsTheConnection(isRemote: Bool) async throws {
        let bench = try KeeperBench("{}")
        try await DeviceRig.run(isRemote: isRemote, bench: bench, judge: { LateWithdrawal(desk: $0) }) { rig in
            let device = try FakeDevice(1)
            guard isRemote else {
                var (live, _) = try await rig.admitted(device, token: Self.secret)
                #expect(try await live.call("status")["ok"] == true)
                return
            }
            let request = try #require(
                try await rig.refused(device, token: Self.secret).error["details"]?["requestId"]?.string)
            _ = try await rig.desk.approve(request, by: .owner)
            var (live, _) = try await rig.admitted(device, token: Self.secret)
            #expect(try await live.closed() == CloseReason(4001, "client invalidated: device changed"))
        }
    }

    /// Requests that follow `connect` at once wait until the device was judged.
    @Test func whatIsSentBehindConnectIsAnsweredAfterIt() async throws {
        try await DeviceRig.run(isRemote: false, bench: try KeeperBench("{}")) { rig in
            var device = try FakeDevice(1)
            device.scopes = []
            var conversation = try await rig.open()
            try await conversation.send(
                "connect",
                try device.parameters(nonce: conversation.nonce, signedAt: rig.bench.now, token: Self.secret))
            for _ in 0..<8 { try await conversation.send("device.pair.list") }
            #expect(try await conversation.answer()["payload"]?["type"] == "hello-ok")
            for _ in 0..<8 {
                let list = try await conversation.answer()["payload"]
                #expect(list?["paired"]?.array?.first?["deviceId"] == .string(device.id))
            }
        }
    }

    @Test func versionThreeIsToldInItsOwnWords() async throws {
        try await DeviceRig.run(isRemote: true, bench: try KeeperBench("{}")) { rig in
            let device = try FakeDevice(1)
            var conversation = try await rig.open()
            let parameters = try device.parameters(
                nonce: conversation.nonce, signedAt: rig.bench.now, token: Self.secret, versions: 3...3)
            let error = try await conversation.call("connect", parameters)["error"]
            #expect(error?["message"] == "pairing required")
            #expect(error?["details"]?.object?.keys == ["code", "requestId", "reason"])
            #expect(try await conversation.closed() == CloseReason(1008, "pairing required"))
            let request = try #require(error?["details"]?["requestId"]?.string)
            _ = try await rig.desk.approve(request, by: .owner)
            var next = try await rig.open()
            let hello = try await next.call(
                "connect",
                try device.parameters(nonce: next.nonce, signedAt: rig.bench.now, token: Self.secret, versions: 3...3))
            #expect(hello["payload"]?["protocol"] == 3)
            #expect(
                hello["payload"]?["auth"]?.object?.keys.sorted() == ["deviceToken", "issuedAtMs", "role", "scopes"])
        }
    }

    /// A stale token, tried again and again, locks nobody out who has the right secret.
    @Test func aStaleTokenLocksNobodyElseOut() async throws {
        try await DeviceRig.run(isRemote: true, bench: try KeeperBench("{}")) { rig in
            let stale = try FakeDevice(1)
            let token = try await Self.pair(stale, rig)
            for _ in 0..<12 {
                #expect(
                    try await rig.refused(stale, deviceToken: "fake-stale").error["details"]?["code"]
                        == "AUTH_DEVICE_TOKEN_MISMATCH")
            }
            for attempt in 0..<12 {
                let refused = try await rig.refused(stale, token: "fake-stale")
                let code: JSONValue = attempt < 10 ? "AUTH_TOKEN_MISMATCH" : "AUTH_RATE_LIMITED"
                #expect(refused.error["details"]?["code"] == code)
                if attempt < 10 { #expect(refused.error["details"]?["canRetryWithDeviceToken"] == true) }
            }
            // Its own right token still opens, and so does the secret for others at the same address.
            _ = try await rig.admitted(stale, deviceToken: token)
            let other = try await rig.refused(try FakeDevice(2), token: Self.secret)
            #expect(other.error["details"]?["code"] == "PAIRING_REQUIRED")
        }
    }
}
