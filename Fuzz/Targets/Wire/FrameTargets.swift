import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

extension FuzzTarget {
    /// Frames of the gateway's WebSocket: what is understood is said again in the same way, and a refusal is short.
    static let frames = FuzzTarget("frames") { input in
        let bytes = input.bytes
        var request: GatewayFrame.Request?
        do throws(FrameError) { request = try GatewayFrame.decodeRequest(bytes) } catch { try check(error) }
        if let request { try checkAgain(.request(request)) }
        let frame: GatewayFrame
        do throws(FrameError) {
            frame = try GatewayFrame.decode(bytes)
        } catch {
            return try check(error)
        }
        try checkAgain(frame)
        guard case .response(let response) = frame, case .success(let payload) = response.outcome else { return }
        try require(
            GatewayFrame.answer(to: response.id, encodedPayload: payload.serialized(.compact)) == frame.encoded,
            "an answer is written in two ways")
    }

    private static func checkAgain(_ frame: GatewayFrame) throws {
        try require(try GatewayFrame.decode(frame.encoded) == frame, "a frame is not said again")
    }

    private static func check(_ error: FrameError) throws(BrokenProperty) {
        try require(error.message.utf8.count <= 8192, "the refusal of a frame is endless")
    }

    /// The handshake: who does not know the secret stays out, whatever they say and from wherever; nothing that is sent
    /// holds the secret, and after the end nothing is said.
    static let handshake = FuzzTarget("handshake") { input in
        var input = input
        let address = input.choice(["127.0.0.1", "192.0.2.7", "::1", "10.0.0.9"])
        let host = input.part().text
        let isPassword = input.byte() % 2 == 1
        let messages = input.parts(maximum: 8)
        let knowsSecret = messages.contains { $0.planting("").count < $0.count }
        let secret = Secret(Canary.text)
        let rules = AdmissionRules(authentication: isPassword ? .password(secret) : .token(secret))
        let peer = Peer(
            address: address, host: host.isEmpty ? nil : host, fields: [(name: String, value: String)](),
            trustedProxies: TrustedProxies(["10.0.0.0/8"]))
        var machine = ConnectionStateMachine(rules: rules, peer: peer, connectionID: "connection")
        _ = machine.opened(nonce: "nonce", at: Timestamp(milliseconds: 1_800_000_000_000))
        for message in messages {
            let hadEnded = machine.hasEnded
            var actions = machine.messageReceived(message.planting(Canary.text))
            if actions == [.judgeDevice] { actions = machine.deviceJudged(.unavailable) }
            try require(!hadEnded || actions.isEmpty, "something is said after the end")
            for action in actions { try check(action, mayAdmit: knowsSecret) }
            try require(machine.caller == nil || knowsSecret, "somebody came in without the secret")
        }
    }

    private static func check(_ action: ConnectionStateMachine.Action, mayAdmit: Bool) throws(BrokenProperty) {
        switch action {
        case .send(let frame):
            try require(frame.encoded.count <= 16_384, "an answer before admission is endless")
            guard case .response(let response) = frame, response.id.contains(Canary.text) else {
                return try Canary.check(frame.encoded.text, "an answer")
            }
        case .admit: try require(mayAdmit, "somebody is admitted without the secret")
        case .close(let reason):
            try require(reason.text.utf8.count <= 123, "a reason does not fit into a closing frame")
            try Canary.check(reason.text, "a reason")
        case .judgeDevice, .invoke, .recordFailure, .recordDeviceFailure: break
        }
    }

    /// Heads of HTTP requests: nobody passes for a program on this machine through a proxy, from elsewhere, or under
    /// another name; and no page comes in that nobody allowed.
    static let heads = FuzzTarget("heads", maximumBytes: 2048) { input in
        var input = input
        let address = input.choice(["127.0.0.1", "::1", "::ffff:127.0.0.1", "192.0.2.7", "10.0.0.9", "fe80::1"])
        let trusted = input.byte() % 2 == 1 ? TrustedProxies(["10.0.0.0/8", input.part().text]) : TrustedProxies()
        let host = input.part().text
        let fields = input.parts(maximum: 20).map { field in
            let parts = field.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
        }
        let peer = Peer(address: address, host: host, fields: fields, trustedProxies: trusted)
        let names = Set(fields.map { $0.name.lowercased() })
        let isForwarded = names.contains { name in
            name == "forwarded" || name == "x-real-ip" || name.hasPrefix("x-forwarded-")
        }
        try require(!peer.isDirectLocal || !isForwarded, "a forwarded request passes for one of this machine")
        try require(
            !peer.isDirectLocal || address.contains("127.0.0.1") || address == "::1", "another machine is this one")
        try require(peer.isTrustedProxy || peer.clientAddress == address, "somebody says who they are counted as")
        try require(peer.isTrustedProxy || peer.proxyFields.isEmpty, "fields are believed that no proxy sent")
        if peer.isDirectLocal {
            let name = host.lowercased().prefix { $0 != ":" && $0 != "]" }
            try require(
                name == "localhost" || name.hasSuffix(".localhost") || name == "[" || name.hasPrefix("127."),
                "another name passes for this machine")
        }
        guard let origin = peer.origin else { return }
        if !peer.isLoopbackAddress, !host.contains(".") || host.hasSuffix(".example") {
            try require(OriginPolicy().refusal(of: origin, from: peer) != nil || host.contains(":"), "a page came in")
        }
        try require(
            OriginPolicy(allowed: [origin]).refusal(of: origin, from: peer) == nil, "a page that is allowed is refused")
    }
}
