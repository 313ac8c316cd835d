import AlulaPrimitives
import Crypto
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A provider on this machine that issues OAuth tokens. A refresh token `fake-<family>-<number>` is taken once; one that
/// comes again ends its family.
///
/// It lets everybody sign in as well: `GET /…/authorize?…` sends the browser back with a code at once, or, if
/// `deny=1` stands in the query, with a refusal. A code is taken once, and only with what was said when it was given.
///
/// `POST /api/accounts/deviceauth/usercode` gives a code to type, which `GET /codex/device?<code>` types.
///
/// It plays GitHub's Copilot as well: ``CopilotStage``.
///
/// It tells quotas where the known providers do, see `Issuer+Quotas.swift`; each question counts as an exchange of the
/// family `quotas`.
///
/// `GET /families/<family>` answers with `<exchanges> <refusals> <revoked: 0 or 1>`. With `--tell` there is a line for each
/// exchange, `exchange <family>`, and for each refusal, `refusal <family>`.
final class Issuer: Sendable {
    private struct Family {
        var number = 0
        var exchanges = 0
        var refusals = 0
        var isRevoked = false
    }

    /// What a code was given for.
    private struct Code {
        var challenge: String
        var redirect: String
        var client: String
    }

    private let families = Mutex<[String: Family]>([:])
    private let codes = Mutex<[String: Code]>([:])
    /// Codes to type: whether they were typed.
    private let typed = Mutex<[String: Bool]>([:])
    private let port = Mutex(0)
    private let copilot = CopilotStage()
    /// Whether the token before the newest is answered with the newest again, as providers do that allow for lost answers.
    private let hasGrace: Bool
    /// How long each exchange takes.
    private let delay: Duration
    private let tells: Bool

    init(hasGrace: Bool, delay: Duration, tells: Bool) {
        self.hasGrace = hasGrace
        self.delay = delay
        self.tells = tells
    }

    /// Prints `port <number>` and serves until standard input ends.
    func serve() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(Handler(issuer: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port.withLock { $0 = server.localAddress?.port ?? 0 }
        say("port \(server.localAddress?.port ?? 0)")
        while getchar() != EOF {}
        exit(0)
    }

    // MARK: Signing in

    /// - Returns: Where the browser is sent; `nil` for a request that lacks something.
    fileprivate func redirect(_ query: Substring) -> String? {
        let members = Self.members(of: query)
        guard members["response_type"] == "code", members["code_challenge_method"] == "S256",
            let redirect = members["redirect_uri"], let state = members["state"],
            let challenge = members["code_challenge"], let client = members["client_id"], members["scope"] != nil
        else { return nil }
        let answer: String
        if members["deny"] == "1" {
            answer = "error=access_denied&error_description=CANARY-denied"
        } else {
            let code = codes.withLock { codes in
                let code = "CANARY-code-of-\(UInt64.random(in: .min ... .max))"
                codes[code] = Code(challenge: challenge, redirect: redirect, client: client)
                return code
            }
            answer = "code=\(code)&scope=openid"
        }
        return "\(redirect)?\(answer)&state=\(PercentEncoding.encoded(state))"
    }

    /// Gives codes to type, and says whether they were.
    private func device(_ path: String, _ body: String) -> (status: Int, text: String) {
        if path.hasSuffix("/usercode") {
            return typed.withLock { typed in
                let code = "FAKE-\(1000 + typed.count)"
                typed[code] = false
                return (200, #"{"device_auth_id":"CANARY-device-\#(code)","user_code":"\#(code)","interval":"1"}"#)
            }
        }
        let code = typed.withLock { typed in
            typed.first { body.contains(#""CANARY-device-\#($0.key)""#) && body.contains(#""\#($0.key)""#) }
        }
        guard let code, code.value else { return (403, #"{"error":"authorization_pending"}"#) }
        let verifier = "CANARY-verifier-" + String(repeating: "v", count: 43)
        let text = "CANARY-code-of-\(code.key)"
        let challenge = Base64Text.encoded(Array(SHA256.hash(data: Array(verifier.utf8))))
        let given = Code(
            challenge: challenge, redirect: "http://127.0.0.1:\(port.withLock { $0 })/deviceauth/callback",
            client: "app_EMoamEEZ73f0CkXaXp7hrann")
        codes.withLock { $0[text] = given }
        return (
            200,
            #"{"authorization_code":"\#(text)","code_challenge":"\#(challenge)","code_verifier":"\#(verifier)"}"#
        )
    }

    /// Tokens for a code.
    private func redeem(_ members: [String: String]) -> (status: Int, text: String) {
        let refusal = (400, #"{"error":"invalid_grant","error_description":"CANARY-why"}"#)
        guard let text = members["code"], let code = codes.withLock({ $0.removeValue(forKey: text) }),
            code.redirect == members["redirect_uri"], code.client == members["client_id"],
            let verifier = members["code_verifier"], verifier.utf8.count >= 43,
            Base64Text.encoded(Array(SHA256.hash(data: Array(verifier.utf8)))) == code.challenge
        else { return refusal }
        if tells { say("redeemed") }
        let claims = """
            {"email":"Me@Example.com","https://api.openai.com/auth":{"chatgpt_account_id":"acct_1",\
            "chatgpt_plan_type":"plus"}}
            """
        let idToken = ["{}", claims].map { Base64Text.encoded(Array($0.utf8)) }.joined(separator: ".") + ".CANARY-id"
        return (
            200,
            #"{"access_token":"CANARY-access","refresh_token":"CANARY-refresh","id_token":"\#(idToken)","expires_in":3600}"#
        )
    }

    private static func members(of text: some StringProtocol) -> [String: String] {
        let pairs = text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (PercentEncoding.decoded(parts[0]), PercentEncoding.decoded(parts.count == 2 ? parts[1] : ""))
        }
        return Dictionary(pairs) { first, _ in first }
    }

    fileprivate func answer(
        _ method: HTTPMethod, _ path: String, _ headers: HTTPHeaders, _ body: String
    ) -> (status: Int, text: String) {
        if method == .GET, let quota = Self.quota(path, headers) {
            families.withLock { $0["quotas", default: Family()].exchanges += 1 }
            return quota
        }
        if method == .POST, path.hasPrefix("/api/accounts/deviceauth/") { return device(path, body) }
        if method == .GET, path.hasPrefix("/codex/device?") {
            let code = String(path.dropFirst("/codex/device?".count))
            return typed.withLock { $0.updateValue(true, forKey: code) } == nil ? (404, "") : (200, "typed")
        }
        let asked = Self.members(of: body)
        if method == .POST, asked["grant_type"] == "authorization_code" { return redeem(asked) }
        if method == .GET {
            let name = String(path.split(separator: "/").last ?? "")
            let family = families.withLock { $0[name] ?? Family() }
            return (200, "\(family.exchanges) \(family.refusals) \(family.isRevoked ? 1 : 0)")
        }
        let field = body.split(separator: "&").first { $0.hasPrefix("refresh_token=") }
        let parts = (field?.dropFirst("refresh_token=".count) ?? "").split(separator: "-")
        guard parts.count == 3, parts[0] == "fake", let number = Int(parts[2]) else {
            return (400, #"{"error":"invalid_request"}"#)
        }
        let name = String(parts[1])
        return families.withLock { families in
            var family = families[name] ?? Family()
            defer { families[name] = family }
            let isRepeated = hasGrace && number == family.number - 1
            guard !family.isRevoked, number == family.number || isRepeated else {
                family.refusals += 1
                if tells { say("refusal \(name)") }
                family.isRevoked = true
                return (400, #"{"error":"invalid_grant"}"#)
            }
            family.exchanges += 1
            if tells { say("exchange \(name)") }
            if !isRepeated { family.number += 1 }
            return (
                200,
                #"{"access_token":"access-\#(name)-\#(family.number)","refresh_token":"fake-\#(name)-\#(family.number)","expires_in":3600}"#
            )
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let issuer: Issuer
        private var head: HTTPRequestHead?
        private var body = ""

        init(issuer: Issuer) { self.issuer = issuer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (self.head, body) = (head, "")
            case .body(let part): body += String(buffer: part)
            case .end:
                guard let head else { return }
                let parts = head.uri.split(separator: "?", maxSplits: 1)
                if head.method == .GET, parts.count == 2, parts[0].hasSuffix("/authorize") {
                    return send(issuer.redirect(parts[1]), context)
                }
                let answer =
                    issuer.copilot.answer(head, body, port: issuer.port.withLock { $0 })
                    ?? issuer.answer(head.method, head.uri, head.headers, body)
                // Whoever looks reads to the end.
                let isLast = head.method == .GET && !head.headers.contains(name: "editor-version")
                let context = NIOLoopBound(context, eventLoop: context.eventLoop)
                let handler = NIOLoopBound(self, eventLoop: context.value.eventLoop)
                context.value.eventLoop.scheduleTask(in: TimeAmount(head.method == .GET ? .zero : issuer.delay)) {
                    handler.value.write(answer, context.value, isLast: isLast)
                }
            }
        }

        /// Sends a browser back.
        private func send(_ location: String?, _ context: ChannelHandlerContext) {
            var headers: HTTPHeaders = ["content-length": "0", "connection": "close"]
            if let location { headers.add(name: "location", value: location) }
            let head = HTTPResponseHead(
                version: .http1_1, status: location == nil ? .badRequest : .found, headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            context.close(promise: nil)
        }

        private func write(
            _ answer: (status: Int, text: String), _ context: ChannelHandlerContext, isLast: Bool
        ) {
            let isStream = answer.text.hasPrefix("data: ") || answer.text.hasPrefix("event: ")
            var headers: HTTPHeaders = [
                "content-type": isStream ? "text/event-stream" : "application/json",
                "content-length": "\(answer.text.utf8.count)",
            ]
            // Nobody may believe that the connection is there for another question.
            if isLast { headers.add(name: "connection", value: "close") }
            let head = HTTPResponseHead(
                version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.text)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            if isLast { context.close(promise: nil) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
