import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaProtocol

struct DeviceBookTests {
    private let minting = CountedMinting().minting
    private let now = DeviceScene.now
    private let approver = DeviceAuthority(scopes: [.pairing, .read, .write])

    /// A device elsewhere that asks to read, approved.
    private func paired(_ scene: DeviceScene, by authority: DeviceAuthority = .owner) throws -> DeviceBook {
        var book = DeviceBook()
        let need = try need(book.arrived(try scene.arrival(), at: now, minting: minting))
        _ = try book.approve(need.request.requestID, by: authority, at: now, minting: minting)
        book.settle()
        return book
    }

    private func need(_ outcome: DeviceOutcome) throws -> PairingNeed {
        guard case .pairingRequired(let need) = outcome else { throw Unexpected(outcome: "\(outcome)") }
        return need
    }

    private func grant(_ outcome: DeviceOutcome) throws -> DeviceGrant {
        guard case .admitted(let grant) = outcome else { throw Unexpected(outcome: "\(outcome)") }
        return grant
    }

    private func verdict(_ outcome: DeviceOutcome) throws -> DeviceTokenVerdict {
        guard case .unauthorized(let verdict, _) = outcome else { throw Unexpected(outcome: "\(outcome)") }
        return verdict
    }

    private struct Unexpected: Error { let outcome: String }

    // MARK: The owner

    /// Whatever the book says, the shared secret on this machine is enough.
    @Test(arguments: [[], [.read], [.admin, .pairing], [.unknown("operator.later")]] as [[Scope]])
    func ownerNeverMeetsPairing(_ scopes: [Scope]) throws {
        let remote = try DeviceScene()
        let local = remote.with {
            $0.isDirectLocal = true
            $0.scopes = scopes
            $0.platform = "something else"
        }
        var revoked = try paired(remote)
        _ = try revoked.revoke(remote.id, role: "operator", by: .owner, at: now)
        var damaged = try paired(remote)
        damaged.devices[remote.id]?.publicKey = "no key"
        for var book in [DeviceBook(), try paired(remote), revoked, damaged] {
            for isRecording in [true, false] {
                let grant = try grant(
                    book.arrived(try local.arrival(), at: now, isRecording: isRecording, minting: minting))
                #expect(grant.isOwner)
                #expect(grant.scopes == (scopes.isEmpty ? Set(Scope.allCases) : Set(scopes)))
                #expect(!isRecording || grant.token?.isUsable == true)
            }
        }
    }

    @Test func ownersDeviceIsNotedDownOnceAndWithdrawsItsRequest() throws {
        let remote = try DeviceScene()
        let local = remote.with { $0.isDirectLocal = true }
        var book = DeviceBook()
        let waiting = try need(book.arrived(try remote.arrival(), at: now, minting: minting)).request
        book.settle()
        let first = try grant(book.arrived(try local.arrival(), at: now, minting: minting))
        #expect(book.changes == [.devices, .requests])
        #expect(
            book.news
                == [.resolved(requestID: waiting.requestID, device: local.id, isApproved: true, at: now)])
        let device = try #require(book.devices[local.id])
        #expect(device.roles == ["operator"])
        #expect(device.scopes == [.read])
        #expect(device.about.remoteAddress == nil)
        book.settle()
        // Another program of the same device, later: nothing to write.
        let again = local.with {
            $0.kind = .terminalUI
            $0.mode = .commandLine
        }
        let second = try grant(
            book.arrived(try again.arrival(), at: now.advanced(by: .seconds(1000)), minting: minting))
        #expect(book.changes == [])
        #expect(second.token?.token.matches(try #require(first.token?.token)) == true)
    }

    @Test func ownerWidensAnEarlierPairingWithoutANewToken() throws {
        let remote = try DeviceScene()
        var book = try paired(remote)
        let old = try #require(book.devices[remote.id]?.usableToken(for: .operator))
        let local = remote.with {
            $0.isDirectLocal = true
            $0.scopes = [.admin]
        }
        let grant = try grant(book.arrived(try local.arrival(), at: now, minting: minting))
        #expect(grant.token?.token.matches(old.token) == true)
        #expect(grant.token?.scopes == [.read, .admin])
    }

    @Test func foreignPagesGetNoTokenToKeep() throws {
        let local = try DeviceScene().with {
            $0.isDirectLocal = true
            $0.isForeignPage = true
        }
        var book = DeviceBook()
        let grant = try grant(book.arrived(try local.arrival(), at: now, minting: minting))
        #expect(grant.token == nil)
        #expect(book.devices.isEmpty)
        let node = local.with { $0.role = .node }
        #expect(try need(book.arrived(try node.arrival(), at: now, minting: minting)).reason == .notPaired)
    }

    // MARK: Pairing

    @Test func waitsIsApprovedAndComesBackWithItsToken() throws {
        let scene = try DeviceScene()
        var book = DeviceBook()
        let need = try need(book.arrived(try scene.arrival(), at: now, minting: minting))
        #expect(need.reason == .notPaired)
        #expect(need.device == nil)
        #expect(need.request.roles == ["operator"])
        #expect(need.request.scopes == [.read])
        #expect(!need.request.isRepair)
        #expect(book.news == [.requested(need.request)])
        let device = try book.approve(need.request.requestID, by: approver, at: now, minting: minting)
        #expect(device.scopes == [.read])
        #expect(book.requests.isEmpty)
        let token = try #require(device.usableToken(for: .operator)).token

        let withSecret = try grant(book.arrived(try scene.arrival(), at: now, minting: minting))
        #expect(withSecret.token?.token.matches(token) == true)
        #expect(!withSecret.isOwner)
        for offered in [scene.with { $0.deviceToken = token }, scene.with { $0.token = token }] {
            let bare = offered.with { $0.sharedSecret = offered.token == nil ? .missing : .mismatched }
            let grant = try grant(book.arrived(try bare.arrival(), at: now, minting: minting))
            #expect(grant.scopes == [.read])
        }
    }

    @Test func askingForNothingGivesWhatWasGranted() throws {
        let scene = try DeviceScene().with { $0.scopes = [.write, .approvals] }
        var book = try paired(scene)
        let modest = scene.with { $0.scopes = [] }
        #expect(
            try grant(book.arrived(try modest.arrival(), at: now, minting: minting)).scopes == [.write, .approvals])
        let reading = scene.with { $0.scopes = [.read] }
        #expect(try grant(book.arrived(try reading.arrival(), at: now, minting: minting)).scopes == [.read])
    }

    /// A device that keeps asking makes one request, one event and few writes.
    @Test func askingAgainAndAgainChangesNothing() throws {
        let scene = try DeviceScene()
        var book = DeviceBook()
        let first = try need(book.arrived(try scene.arrival(), at: now, minting: minting)).request
        book.settle()
        var writes = 0
        for second in 1...1000 {
            let time = now.advanced(by: .seconds(second))
            let request = try need(book.arrived(try scene.arrival(), at: time, minting: minting)).request
            #expect(request.requestID == first.requestID)
            #expect(book.news.isEmpty)
            if !book.changes.isEmpty { writes += 1 }
            book.settle()
        }
        #expect(writes == 16)
        #expect(book.requests.count == 1)
    }

    @Test func twoProgramsOfOneDeviceDoNotReplaceEachOthersRequestsForEver() throws {
        let one = try DeviceScene()
        let other = one.with { $0.scopes = [.approvals] }
        var book = DeviceBook()
        let first = try need(book.arrived(try one.arrival(), at: now, minting: minting)).request
        let second = try need(book.arrived(try other.arrival(), at: now, minting: minting)).request
        // Nobody approves more than was looked at: the wider request has an id of its own.
        #expect(first.requestID != second.requestID)
        #expect(second.scopes == [.read, .approvals])
        for scene in [one, other, one] {
            let again = try need(book.arrived(try scene.arrival(), at: now, minting: minting)).request
            #expect(again.requestID == second.requestID)
        }
        #expect(book.requests.keys.sorted() == [second.requestID])
        #expect(throws: GatewayError.self) {
            try book.approve(first.requestID, by: .owner, at: now, minting: minting)
        }
    }

    @Test func requestsEnd() throws {
        let scene = try DeviceScene()
        var book = DeviceBook()
        let request = try need(book.arrived(try scene.arrival(), at: now, minting: minting)).request
        var late = book
        let error = #expect(throws: GatewayError.self) {
            try late.approve(
                request.requestID, by: .owner, at: now.advanced(by: .milliseconds(300_001)), minting: minting)
        }
        #expect(error?.message == "unknown requestId")
        _ = try book.approve(request.requestID, by: .owner, at: now.advanced(by: .seconds(300)), minting: minting)
    }

    @Test func aFloodOfRequestsHasABound() throws {
        let scene = try DeviceScene()
        let key = try #require(scene.publicKey)
        var book = DeviceBook()
        func ask(_ number: Int, from address: String) throws {
            var arrival = try scene.arrival { $0["id"] = .string("device-\(number)") }
            arrival.address = address
            _ = book.request(for: arrival, key: key, at: now.advanced(by: .milliseconds(number)), minting: minting)
        }
        try ask(0, from: "192.0.2.1")
        for number in 1...100 { try ask(number, from: "192.0.2.2") }
        #expect(book.requests.count == 17)
        #expect(book.requests.values.contains { $0.device == "device-0" })
        for number in 101...900 { try ask(number, from: "192.0.2.\(number)") }
        #expect(book.requests.count == DeviceBook.maximumRequests)
    }

    @Test func rejectedDevicesMayAskAgain() throws {
        let scene = try DeviceScene()
        var book = DeviceBook()
        let request = try need(book.arrived(try scene.arrival(), at: now, minting: minting)).request
        #expect(try book.reject(request.requestID, at: now) == request)
        #expect(book.devices.isEmpty)
        #expect(throws: GatewayError.self) { try book.reject(request.requestID, at: now) }
        let next = try need(book.arrived(try scene.arrival(), at: now, minting: minting)).request
        #expect(next.requestID != request.requestID)
    }

    // MARK: Changes of a paired device

    @Test func moreScopesHaveToBeApproved() throws {
        let scene = try DeviceScene()
        var book = try paired(scene)
        let token = try #require(book.devices[scene.id]?.usableToken(for: .operator))
        let wider = scene.with {
            $0.scopes = [.admin]
            $0.deviceToken = token.token
            $0.sharedSecret = .missing
        }
        let need = try need(book.arrived(try wider.arrival(), at: now, minting: minting))
        #expect(need.reason == .scopeUpgrade)
        #expect(need.request.isRepair)
        // Meanwhile it comes in with what it has.
        let modest = wider.with { $0.scopes = [.read] }
        _ = try grant(book.arrived(try modest.arrival(), at: now, minting: minting))
        // Who has no admin rights can't give them.
        let error = #expect(throws: GatewayError.self) {
            try book.approve(need.request.requestID, by: approver, at: now, minting: minting)
        }
        #expect(error?.message == "missing scope: operator.admin")
        #expect(error?.details?["missingScope"] == "operator.admin")
        _ = try book.approve(need.request.requestID, by: .owner, at: now, minting: minting)
        // The token that the device has goes on working: no stale token, no lock-out.
        let admitted = try grant(book.arrived(try wider.arrival(), at: now, minting: minting))
        #expect(admitted.scopes == [.admin])
        #expect(admitted.token?.token.matches(token.token) == true)
    }

    @Test func anotherRoleHasToBeApproved() throws {
        let scene = try DeviceScene().with { $0.isDirectLocal = true }
        let node = scene.with { $0.role = .node }
        var book = DeviceBook()
        // A new node on this machine is welcome; it has no scopes.
        let grant = try grant(book.arrived(try node.arrival(), at: now, minting: minting))
        #expect(grant.scopes == [])
        #expect(grant.token?.role == "node")
        // An operator's device that wants to be a node as well is not.
        var other = try paired(scene.with { $0.isDirectLocal = false })
        #expect(try need(other.arrived(try node.arrival(), at: now, minting: minting)).reason == .roleUpgrade)
        let elsewhere = node.with { $0.isDirectLocal = false }
        let need = try need(other.arrived(try elsewhere.arrival(), at: now, minting: minting))
        let device = try other.approve(need.request.requestID, by: approver, at: now, minting: minting)
        #expect(device.roles == ["node", "operator"])
        #expect(device.tokens["node"]?.scopes == [])
        #expect(device.tokens["operator"]?.scopes == [.read])
    }

    @Test func anotherNameHasToBeApprovedExceptForNativePrograms() throws {
        let scene = try DeviceScene().with {
            $0.platform = "MacOS 26.1"
            $0.family = "Mac"
        }
        let others = [
            scene.with { $0.platform = "macos 26.2" }, scene.with { $0.family = "iPad" },
            scene.with { $0.family = nil },
        ]
        for other in others {
            var book = try paired(scene)
            #expect(try need(book.arrived(try other.arrival(), at: now, minting: minting)).reason == .metadataUpgrade)
            let native = other.with { $0.kind = .macOS }
            _ = try grant(book.arrived(try native.arrival(), at: now, minting: minting))
            #expect(book.devices[scene.id]?.about.platform?.lowercased() == native.platform.lowercased())
            // A new name gives no rights.
            let greedy = native.with {
                $0.platform = "macos 27"
                $0.scopes = [.admin]
            }
            #expect(try need(book.arrived(try greedy.arrival(), at: now, minting: minting)).reason == .scopeUpgrade)
        }
        var book = try paired(scene)
        let same = scene.with { $0.platform = " MACOS 26.1 " }
        _ = try grant(book.arrived(try same.arrival(), at: now, minting: minting))
    }

    @Test func anotherKeyStartsAnew() throws {
        let scene = try DeviceScene()
        var book = try paired(scene)
        book.devices[scene.id]?.publicKey = try #require(try DeviceScene(2).publicKey).text
        let old = try #require(book.devices[scene.id]?.tokens["operator"]).token
        let need = try need(book.arrived(try scene.arrival(), at: now, minting: minting))
        #expect(need.reason == .notPaired)
        #expect(need.request.isRepair)
        let bare = scene.with {
            $0.sharedSecret = .missing
            $0.deviceToken = old
        }
        #expect(try verdict(book.arrived(try bare.arrival(), at: now, minting: minting)) == .unknownDevice)
        let device = try book.approve(need.request.requestID, by: .owner, at: now, minting: minting)
        #expect(device.tokens["operator"]?.token.matches(old) == false)
    }

    // MARK: Tokens

    @Test func wrongTokensAreToldApart() throws {
        let scene = try DeviceScene()
        var book = try paired(scene)
        let right = try #require(book.devices[scene.id]?.tokens["operator"]).token
        let bare = scene.with { $0.sharedSecret = .mismatched }
        func verdict(_ change: (inout DeviceScene) -> Void) throws -> DeviceTokenVerdict {
            try self.verdict(book.arrived(try bare.with(change).arrival(), at: now, minting: minting))
        }
        #expect(try verdict { _ in } == .missing)
        #expect(try verdict { $0.token = Secret(" ") } == .missing)
        #expect(try verdict { $0.deviceToken = Secret("fake-wrong") } == .mismatched)
        #expect(try verdict { $0.token = Secret("fake-wrong") } == .mismatched)
        #expect(
            try verdict {
                $0.role = .node
                $0.deviceToken = right
            } == .noToken)
        let stranger = try DeviceScene(3).with {
            $0.sharedSecret = .missing
            $0.deviceToken = right
        }
        #expect(try self.verdict(book.arrived(try stranger.arrival(), at: now, minting: minting)) == .unknownDevice)
        #expect(book.changes == [])
        if case .unauthorized(_, let hasUsableToken) = book.arrived(try bare.arrival(), at: now, minting: minting) {
            #expect(hasUsableToken)
        }
    }

    @Test func rotatingReplacesTheTokenAndEndsItsConnections() throws {
        let scene = try DeviceScene().with { $0.scopes = [.read, .write] }
        var book = try paired(scene)
        let old = try #require(book.devices[scene.id]?.tokens["operator"]).token
        let later = now.advanced(by: .seconds(9))
        let new = try book.rotate(
            scene.id, role: "operator", scopes: [.read], by: .owner, at: later, minting: minting)
        #expect(new.scopes == [.read])
        #expect(new.rotatedAt == later)
        #expect(new.createdAt == now)
        #expect(book.news == [.withdrawn(scene.id, role: "operator", reason: .rotated)])
        let bare = scene.with { $0.sharedSecret = .missing }
        let stale = bare.with { $0.deviceToken = old }
        #expect(try verdict(book.arrived(try stale.arrival(), at: now, minting: minting)) == .mismatched)
        let fresh = bare.with { $0.deviceToken = new.token }
        // The device may do more than this token.
        #expect(try verdict(book.arrived(try fresh.arrival(), at: now, minting: minting)) == .scopeMismatch)
        let modest = fresh.with { $0.scopes = [.read] }
        _ = try grant(book.arrived(try modest.arrival(), at: now, minting: minting))
        // With the shared secret it learns its new token.
        let told = try grant(book.arrived(try scene.arrival(), at: now, minting: minting))
        #expect(told.token?.token.matches(new.token) == true)
    }

    @Test func revokingTakesTheRoleUntilItIsApprovedAgain() throws {
        let scene = try DeviceScene()
        var book = try paired(scene)
        let old = try #require(book.devices[scene.id]?.tokens["operator"]).token
        let later = now.advanced(by: .seconds(9))
        #expect(try book.revoke(scene.id, role: "operator", by: .owner, at: later) == later)
        #expect(try book.revoke(scene.id, role: "operator", by: .owner, at: now.advanced(by: .seconds(20))) == later)
        #expect(book.news == [.withdrawn(scene.id, role: "operator", reason: .revoked)])
        let bare = scene.with {
            $0.sharedSecret = .missing
            $0.deviceToken = old
        }
        #expect(try verdict(book.arrived(try bare.arrival(), at: now, minting: minting)) == .revoked)
        #expect(throws: GatewayError.self) {
            try book.rotate(scene.id, role: "operator", scopes: nil, by: .owner, at: now, minting: minting)
        }
        let need = try need(book.arrived(try scene.arrival(), at: now, minting: minting))
        #expect(need.reason == .roleUpgrade)
        let device = try book.approve(need.request.requestID, by: .owner, at: now, minting: minting)
        #expect(device.usableToken(for: .operator)?.token.matches(old) == false)
    }

    @Test func removingForgetsTheDevice() throws {
        let scene = try DeviceScene()
        var book = try paired(scene)
        try book.remove(scene.id, by: .owner)
        #expect(book.devices.isEmpty)
        #expect(book.news == [.withdrawn(scene.id, role: nil, reason: .removed)])
        #expect(throws: GatewayError.self) { try book.remove(scene.id, by: .owner) }
        #expect(try need(book.arrived(try scene.arrival(), at: now, minting: minting)).reason == .notPaired)
    }

    @Test func nobodyTakesFromThoseWhoMayDoMore() throws {
        let scene = try DeviceScene().with { $0.scopes = [.admin] }
        let book = try paired(scene)
        let attempts: [(inout DeviceBook, DeviceAuthority) throws -> Void] = [
            { try $0.remove(scene.id, by: $1) },
            { _ = try $0.revoke(scene.id, role: "operator", by: $1, at: now) },
            { _ = try $0.rotate(scene.id, role: "operator", scopes: [], by: $1, at: now, minting: minting) },
        ]
        var own = approver
        own.ownDevice = scene.id
        for attempt in attempts {
            var copy = book
            #expect(throws: GatewayError.self) { try attempt(&copy, approver) }
            #expect(copy.changes == [])
            try attempt(&copy, own)
            #expect(copy.changes == .devices)
        }
        // Its own device, but not with rights that the caller does not have now.
        var copy = book
        #expect(throws: GatewayError.self) {
            try copy.rotate(scene.id, role: "operator", scopes: nil, by: own, at: now, minting: minting)
        }
    }

    @Test func tokensAreGivenOutWithinWhatWasGranted() throws {
        let scene = try DeviceScene()
        var book = try paired(scene)
        for (role, scopes) in [("operator", [.write]), ("node", []), ("boss", [])] as [(String, Set<Scope>)] {
            #expect(throws: GatewayError.self) {
                try book.rotate(scene.id, role: role, scopes: scopes, by: .owner, at: now, minting: minting)
            }
        }
        #expect(book.changes == [])
        #expect(DeviceAuthority.owner.maySeeToken(of: scene.id))
        #expect(!approver.maySeeToken(of: scene.id))
        var own = approver
        own.ownDevice = scene.id
        #expect(own.maySeeToken(of: scene.id))
    }

    @Test func useIsNotedOnceAMinute() throws {
        let scene = try DeviceScene()
        var book = try paired(scene)
        let token = try #require(book.devices[scene.id]?.tokens["operator"]).token
        let bare = scene.with {
            $0.sharedSecret = .missing
            $0.deviceToken = token
        }
        for (seconds, changes) in [(0, .usage), (59, []), (60, .usage), (61, [])] as [(Int, DeviceBook.Changes)] {
            _ = book.arrived(try bare.arrival(), at: now.advanced(by: .seconds(seconds)), minting: minting)
            #expect(book.changes == changes)
            book.settle()
        }
    }

    /// Without a disk nothing is promised that could not be kept.
    @Test func whatCannotBeKeptIsNotGiven() throws {
        let scene = try DeviceScene()
        var book = DeviceBook()
        let stranger = book.arrived(try scene.arrival(), at: now, isRecording: false, minting: minting)
        guard case .unavailable = stranger else { throw Unexpected(outcome: "\(stranger)") }
        book = try paired(scene)
        _ = try grant(book.arrived(try scene.arrival(), at: now, isRecording: false, minting: minting))
        #expect(book.changes == [])
        #expect(book.requests.isEmpty)
    }
}
