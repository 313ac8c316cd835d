import AlulaAuth
import AlulaInference
import AlulaPrimitives
import NIOPosix
import Testing

@testable import AlulaProviders

@Suite(.timeLimit(.minutes(1)))
struct ProxyRulesTests {
    private static func rules(_ variables: [String: String]) -> ProxyRules {
        ProxyRules { variables[$0].map { Secret($0) } }
    }

    /// Where an address is reached: `direct`, `http://host:port`, or what is wrong.
    private static func way(_ url: String, _ variables: [String: String]) -> String {
        let rules = rules(variables)
        switch rules.route(to: url) {
        case .direct: return "direct"
        case .unusable(let variable): return "unusable \(variable)"
        case .proxy(let scheme):
            guard let proxy = rules.proxy(for: scheme) else { return "none" }
            return "\(proxy.kind) \(proxy.host):\(proxy.port) \(proxy.credentials?.exposed ?? "-")"
        }
    }

    @Test(
        arguments: [
            ([:], "https://a.example", "direct"),
            (["HTTPS_PROXY": "http://p:3128"], "https://a.example/v1", "http p:3128 -"),
            (["HTTPS_PROXY": "http://p:3128"], "http://a.example/v1", "direct"),
            (["HTTP_PROXY": "p:3128"], "HTTP://a.example", "http p:3128 -"),
            (["HTTP_PROXY": "upper:1", "http_proxy": "lower:2"], "http://a.example", "http lower:2 -"),
            (["HTTP_PROXY": "upper:1", "http_proxy": " "], "http://a.example", "http upper:1 -"),
            (["https_proxy": " http://p/ "], "https://a.example", "http p:80 -"),
            (["https_proxy": "socks5://p"], "https://a.example", "socks p:1080 -"),
            (["https_proxy": "http://ann:p%40ss%3A%25@p:1"], "https://a.example", "http p:1 ann:p@ss:%"),
            (["https_proxy": "http://ann@p:1"], "https://a.example", "http p:1 ann:"),
            (["https_proxy": "http://[fe80::1]:8080"], "https://a.example", "http fe80::1:8080 -"),
            (["https_proxy": "https://p:1"], "https://a.example", "unusable https_proxy"),
            (["HTTPS_PROXY": "socks5://ann:x@p"], "https://a.example", "unusable HTTPS_PROXY"),
            (["HTTPS_PROXY": "http://p:0"], "https://a.example", "unusable HTTPS_PROXY"),
            (["HTTPS_PROXY": "http://"], "https://a.example", "unusable HTTPS_PROXY"),
            (["HTTPS_PROXY": "p:1"], "nonsense", "direct"), (["HTTPS_PROXY": "p:1"], "ftp://x", "direct"),
        ])
    func theEnvironmentSaysWhichProxy(_ variables: [String: String], _ url: String, _ way: String) {
        #expect(Self.way(url, variables) == way)
    }

    @Test(arguments: [
        "http://localhost:11434", "http://LOCALHOST.", "http://127.0.0.1", "http://127.9.8.7:1", "http://[::1]:8080",
        "http://a.localhost",
    ]) func thisMachineIsNeverReachedThroughAProxy(_ url: String) {
        #expect(Self.way(url, ["HTTP_PROXY": "p:1"]) == "direct")
    }

    @Test(
        arguments: [
            ("*", "https://a.example", true), ("a.example", "https://a.example", true),
            ("a.example", "https://b.a.example", true), ("a.example", "https://ba.example", false),
            (".a.example", "https://a.example", true), ("*.a.example", "https://b.a.example", true),
            ("A.Example.", "https://a.EXAMPLE./x", true), ("b.example, a.example", "https://a.example", true),
            ("b.example a.example", "https://a.example:8443", true), ("a.example:443", "https://a.example", true),
            ("a.example:443", "https://a.example:444", false), ("10.0.0.7", "https://10.0.0.7", true),
            ("10.0.0.7", "https://1.10.0.0.7.example", false), ("0.0.7", "https://10.0.0.7", false),
            ("10.0.0.0/8", "https://10.200.3.4", true), ("10.0.0.0/8", "https://11.0.0.1", false),
            ("192.168.4.0/22", "https://192.168.7.255", true), ("192.168.4.0/22", "https://192.168.8.0", false),
            ("0.0.0.0/0", "https://8.8.8.8", true), ("10.1.2.3/32", "https://10.1.2.3", true),
            ("10.1.2.3/32", "https://10.1.2.4", false), ("10.0.0.0/8", "https://a.example", false),
            ("10.0.0.0/33", "https://10.0.0.1", false), ("10.0.0/8", "https://10.0.0.1", false),
            ("2001:db8::1", "https://[2001:DB8::1]:7", true), ("[2001:db8::1]", "https://[2001:db8::1]", true),
            (", ,.,*.", "https://a.example", false), ("", "https://a.example", false),
        ])
    func exceptionsAreReachedDirectly(_ list: String, _ url: String, _ isDirect: Bool) {
        for name in ["NO_PROXY", "no_proxy"] {
            #expect((Self.way(url, ["HTTPS_PROXY": "p:1", name: list]) == "direct") == isDirect, "\(list) \(url)")
        }
    }

    @Test func passwordsAreNotShown() {
        let rules = Self.rules(["HTTPS_PROXY": "http://ann:fake-proxy-password@p:1"])
        #expect(!"\(rules)".contains("fake-proxy-password"))
        var dumped = ""
        dump(rules, to: &dumped)
        #expect(!dumped.contains("fake-proxy-password"))
        #expect(Self.rules(["HTTP_PROXY": "ftp://ann:x@p"]).unusableVariables == ["HTTP_PROXY"])
    }

    // MARK: Over a proxy

    private static func ask(_ base: String, _ variables: [String: String]) async -> (String, AttemptFailure?) {
        let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton, proxies: rules(variables))
        let provider = OpenAICompletionsProvider(client: client, logins: FixedLogin(), offloading: CountingOffload())
        var (text, failure) = ("", AttemptFailure?.none)
        do {
            var stream = try await provider.answer(ProviderCall.call(base))
            while let event = try await stream.next() { if case .text(let piece) = event { text += piece } }
        } catch {
            failure = error as? AttemptFailure
        }
        await client.shutdown()
        return (text, failure)
    }

    @Test func requestsGoThroughATunnelThatThePasswordOpens() async throws {
        let kind = SpokenKind.all[0]
        let answer = LoopbackUpstream.answer("200 OK", "application/json", kind.whole("Grüße", true))
        try await LoopbackUpstream.run([.write(answer)]) { proxy in
            let variables = [
                "http_proxy": "http://ann:fake%20pass@127.0.0.1:\(proxy.port)", "no_proxy": "inside.example",
            ]
            let (text, _) = await Self.ask("http://provider.example/v1", variables)
            #expect(text == "Grüße")
            let request = try #require(proxy.requests.first)
            #expect(request.hasPrefix("CONNECT provider.example:80 HTTP/1.1\r\n"))
            // `ann:fake pass`
            #expect(request.lowercased().contains("proxy-authorization: basic yw5uomzha2ugcgfzcw==\r\n"))
            #expect(!request.contains(FixedLogin.key))
            // What goes through the tunnel is for the provider.
            let inner = try #require(proxy.requests.dropFirst().first)
            #expect(inner.hasPrefix("POST /v1/chat/completions HTTP/1.1\r\n"))
            #expect(inner.lowercased().contains("host: provider.example\r\n"))
            #expect(!inner.lowercased().contains("proxy-authorization"))
            // An exception is looked for where it is; this name leads nowhere.
            let (_, failure) = await Self.ask("http://inside.example:1/v1", variables)
            #expect(failure != nil)
            // And this machine itself is asked without the proxy.
            #expect(await Self.ask(proxy.baseURL, variables).0 == "Grüße")
            #expect(proxy.requests.count == 3)
            #expect(proxy.requests.last?.hasPrefix("POST /v1/chat/completions ") == true)
            #expect(proxy.requests.last?.lowercased().contains("proxy-authorization") == false)
        }
    }

    @Test func encryptedOnesGoThroughATunnelThatTheProxyMayRefuse() async throws {
        let cases: [(String, String)] = [
            ("407 Proxy Authentication Required", "wants another password"), ("403 Forbidden", "did not let"),
        ]
        for (status, words) in cases {
            let refusal = Array("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n".utf8)
            try await LoopbackUpstream.run([.write(refusal)]) { proxy in
                let (_, failure) = await Self.ask(
                    "https://provider.example/v1", ["HTTPS_PROXY": "127.0.0.1:\(proxy.port)"])
                #expect(failure?.message.contains(words) == true, "\(status)")
                #expect(failure?.judgement == .failure(.timeout))
                let request = try #require(proxy.requests.first)
                #expect(request.hasPrefix("CONNECT provider.example:443 HTTP/1.1\r\n"))
                // The key is for the provider alone.
                #expect(!request.contains(FixedLogin.key))
            }
        }
    }

    @Test func aProxyThatCantBeUsedIsNotGoneAround() async throws {
        let (_, failure) = await Self.ask("http://provider.example/v1", ["HTTP_PROXY": "https://p:1"])
        #expect(failure?.message.contains("HTTP_PROXY") == true)
    }
}
