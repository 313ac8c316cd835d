import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

/// Who is kept out before anybody looks at what it says.
struct AccessTests {
    private let start = ContinuousClock.now
    private static let remote = Peer(address: "192.0.2.7", host: "gateway.example")

    // MARK: Wrong secrets

    @Test func tenFailuresWithinTheWindowLockForTheWholeTime() {
        let limiter = FailureLimiter(FailureLimit())
        for second in 0..<9 { limiter.failed(Self.remote, at: start.advanced(by: .seconds(second))) }
        #expect(limiter.lockout(of: Self.remote, at: start) == nil)
        let tenth = start.advanced(by: .seconds(9))
        limiter.failed(Self.remote, at: tenth)
        #expect(limiter.lockout(of: Self.remote, at: tenth) == .seconds(300))
        #expect(limiter.lockout(of: Self.remote, at: tenth.advanced(by: .seconds(299))) == .seconds(1))
        #expect(limiter.lockout(of: Self.remote, at: tenth.advanced(by: .seconds(300))) == nil)
        #expect(limiter.lockout(of: Peer(address: "192.0.2.8"), at: tenth) == nil)
    }

    @Test func failuresFarApartAreForgotten() {
        let limiter = FailureLimiter(FailureLimit())
        for round in 0..<20 { limiter.failed(Self.remote, at: start.advanced(by: .seconds(round * 10))) }
        #expect(limiter.lockout(of: Self.remote, at: start.advanced(by: .seconds(190))) == nil)
    }

    @Test func aPairedDeviceIsLockedOutByItselfAndNotItsAddress() {
        let limiter = FailureLimiter(FailureLimit())
        for _ in 0..<10 { limiter.failed(Self.remote, device: "device", at: start) }
        #expect(limiter.lockout(of: Self.remote, device: "device", at: start) == .seconds(300))
        #expect(limiter.lockout(of: Self.remote, device: "other", at: start) == nil)
        #expect(limiter.lockout(of: Self.remote, at: start) == nil)
    }

    @Test func programsOfThisMachineAreExemptAndPagesAreNot() {
        let limiter = FailureLimiter(FailureLimit())
        let program = Peer(address: "127.0.0.1", host: "localhost")
        let page = Peer(address: "127.0.0.1", host: "localhost", origin: "http://localhost:3000")
        let otherPage = Peer(address: "127.0.0.1", host: "localhost", origin: "http://localhost:4000")
        for _ in 0..<10 {
            limiter.failed(program, at: start)
            limiter.failed(page, at: start)
        }
        #expect(limiter.lockout(of: program, at: start) == nil)
        #expect(limiter.lockout(of: page, at: start) != nil)
        #expect(limiter.lockout(of: otherPage, at: start) == nil)
    }

    // MARK: Calls that change the gateway

    @Test func aCallerChangesTheGatewayAtMostThirtyTimesAMinute() throws {
        let limiter = CallLimiter()
        let caller = Caller(
            connectionID: "c", client: nil, role: .operator, scopes: [.admin], isDirectLocal: true, version: .four)
        func call(_ method: String = "config.patch", from address: String = "127.0.0.1", after seconds: Double) throws {
            try limiter.count(method, of: caller, address: address, at: start.advanced(by: .seconds(seconds)))
        }
        for number in 0..<30 { try call(after: Double(number)) }
        let error = try #require(throws: GatewayError.self) { try call(after: 30.5) }
        #expect(error.message == "rate limit exceeded for config.patch; retry after 30s")
        #expect(error.retryAfter == .seconds(30))
        #expect(error.details?["limit"] == "30 per 60s")
        // Other methods, other callers and methods that change nothing are counted apart, or not at all.
        try call("config.apply", after: 30.5)
        try call(from: "192.0.2.7", after: 30.5)
        for _ in 0..<100 { try call("config.get", after: 31) }
        // A refused call does not count, and the oldest is forgotten after a minute.
        try call(after: 60.1)
        #expect(throws: GatewayError.self) { try call(after: 60.2) }
    }

    // MARK: Sockets that wait

    @Test func placesAreCountedPerAddressAndGivenBack() {
        let waiting = WaitingSockets(maximum: 2)
        #expect(waiting.enter("a"))
        #expect(waiting.enter("a"))
        #expect(!waiting.enter("a"))
        #expect(waiting.enter("b"))
        waiting.leave("a")
        #expect(waiting.enter("a"))
        #expect(!waiting.enter("a"))
    }

    // MARK: Where to listen

    @Test(arguments: [
        (ServerSettings.Binding.loopback, CallerAuthentication.none, true),
        (.address("127.0.0.1"), .none, true), (.address("::1"), .none, true), (.address("192.0.2.1"), .none, false),
        (.everywhere, .none, false),
        (.loopback, .token(Secret(" ")), true), (.loopback, .token(Secret("fake")), true),
        (.everywhere, .token(Secret("fake")), true), (.everywhere, .token(Secret(" ")), false),
        (.address("192.0.2.1"), .password(Secret("fake")), true),
    ])
    func nobodyListensForStrangersWithoutASecret(
        binding: ServerSettings.Binding, authentication: CallerAuthentication, isAllowed: Bool
    ) {
        #expect((BindPolicy.refusal(binding: binding, authentication: authentication) == nil) == isAllowed)
    }
}
