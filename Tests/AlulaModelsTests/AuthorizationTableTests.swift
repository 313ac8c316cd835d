import AlulaPrimitives
import Testing

@testable import AlulaModels

struct AuthorizationTableTests {
    @Test func everyEntryCanBeUsed() throws {
        let table = AuthorizationTable.builtIn
        #expect(table.providers == ["chutes", "openai-codex"])
        for provider in table.providers {
            let entry = try #require(table[provider])
            #expect(entry.url.hasPrefix("https://"))
            #expect(!entry.url.contains("?"))
            #expect(["localhost", "127.0.0.1"].contains(entry.redirect.host))
            #expect(entry.redirect.port > 1023)
            #expect(entry.redirect.path.hasPrefix("/"))
            // Whoever signs in wants to stay signed in: what is renewed and what is redeemed is one and the same.
            #expect(entry.tokenEndpoint == TokenEndpointTable.builtIn[provider])
            #expect(entry.tokenEndpoint.clientID != nil || entry.clientVariable != nil)
            #expect(ProviderTable.builtIn.entry(servedAs: provider) != nil)
            for address in [entry.device?.codeURL, entry.device?.answerURL, entry.device?.page].compactMap({ $0 }) {
                #expect(address.hasPrefix("https://"))
            }
        }
        let gitHub = try #require(table.onDevice("github-copilot"))
        for address in [gitHub.device.codeURL, gitHub.device.answerURL, gitHub.device.page] {
            #expect(address.hasPrefix("https://github.com/login/"))
        }
        #expect(table["github-copilot"] == nil)
        #expect(table.onDevice("openai-codex") == nil)
        for (provider, account) in AuthorizationTable.accounts {
            #expect(table[provider] == nil)
            #expect(table[account] != nil)
        }
    }

    @Test(arguments: ["http://127.0.0.1:8080", "http://localhost:1"])
    func aServerOnThisMachineMayPlayProviders(server: String) throws {
        let entry = try #require(AuthorizationTable.builtIn.played(by: server)?["openai-codex"])
        #expect(entry.url == "\(server)/oauth/authorize")
        #expect(entry.tokenEndpoint.url == "\(server)/oauth/token")
        #expect(entry.tokenEndpoint.clientID == TokenEndpointTable.builtIn["openai-codex"]?.clientID)
        #expect(entry.redirect == LoopbackRedirect(host: "127.0.0.1", port: 0, path: "/auth/callback"))
        let device = try #require(entry.device)
        #expect(device.way == .redeemed(redirect: "\(server)/deviceauth/callback"))
        let gitHub = try #require(AuthorizationTable.builtIn.played(by: server)?.onDevice("github-copilot"))
        for address in [device, gitHub.device].flatMap({ [$0.codeURL, $0.answerURL, $0.page] }) {
            #expect(address.hasPrefix("\(server)/"))
        }
        #expect(gitHub.device.way == .standard(scope: "read:user"))
        #expect(gitHub.clientID == AuthorizationTable.builtIn.onDevice("github-copilot")?.clientID)
    }

    @Test(arguments: [
        "https://auth.example", "http://auth.example:80", "http://127.0.0.1", "http://127.0.0.1:", "http://127.0.0.1:0",
        "http://127.0.0.1:65536", "http://127.0.0.1:80/", "http://127.0.0.1:80@auth.example", "http://127.0.0.1:080",
        "http://127.0.0.1.auth.example:80", "http://localhost:80.auth.example", "http://127.0.0.1:+80", "",
        "127.0.0.1:80",
    ])
    func nobodyElseMay(server: String) { #expect(AuthorizationTable.builtIn.played(by: server) == nil) }
}
