import AlulaPrimitives
import Testing

@testable import AlulaModels

struct QuotaTableTests {
    @Test func everyEntryCanBeUsed() throws {
        let table = QuotaTable.builtIn
        #expect(Set(table.entries.map(\.provider)).count == table.entries.count)
        for (provider, entry) in table.entries {
            // A provider that is reached as it is known has to be one that can be asked.
            let row = try #require(ProviderTable.builtIn[provider])
            #expect(entry.url(behind: row.baseURL) != nil, "\(provider)")
            #expect(!entry.logins.isEmpty)
            for place in entry.places { #expect(place.url.hasPrefix("https://") && !place.url.contains("?")) }
            for variable in entry.variables ?? [] { #expect(row.environmentVariables.contains(variable)) }
            // What is paid for by use has no quota.
            if entry.logins.contains(.key) { #expect(["github-copilot", "zai"].contains(provider)) }
        }
    }

    /// A login for somebody else's server is not sent to the provider whose name it has.
    @Test(arguments: [
        ("https://api.z.ai/api/paas/v4", "https://api.z.ai/api/monitor/usage/quota/limit" as String?),
        (" HTTPS://API.Z.AI:443/api/coding/paas/v4 ", "https://api.z.ai/api/monitor/usage/quota/limit"),
        ("https://z.ai", "https://api.z.ai/api/monitor/usage/quota/limit"),
        ("https://open.bigmodel.cn/api/paas/v4", "https://open.bigmodel.cn/api/monitor/usage/quota/limit"),
        ("http://api.z.ai/api/paas/v4", nil), ("https://notz.ai/v4", nil), ("https://api.z.ai.example/v4", nil),
        ("https://api.z.ai@proxy.example/v4", nil), ("https://proxy.example/?https://api.z.ai", nil),
        ("https://proxy.example#.z.ai", nil), ("http://127.0.0.1:9/v1", nil), ("https://", nil), ("", nil),
    ])
    func onlyLoginsOfTheProviderItselfAreAskedAbout(baseURL: String, expected: String?) throws {
        let entry = try #require(QuotaTable.builtIn.entries.first { $0.provider == "zai" }?.entry)
        #expect(entry.url(behind: baseURL) == expected)
        #expect(entry.url(behind: nil) == nil)
    }

    @Test func aServerOnThisMachineMayPlayProviders() throws {
        let server = try #require(LocalServer("http://127.0.0.1:8080"))
        let played = QuotaTable.builtIn.played(by: server)
        for (left, right) in zip(QuotaTable.builtIn.entries, played.entries) {
            #expect(left.provider == right.provider)
            #expect(right.entry.logins == left.entry.logins && right.entry.variables == left.entry.variables)
            for place in right.entry.places { #expect(place.url.hasPrefix("http://127.0.0.1:8080/")) }
            #expect(right.entry.places.map(\.domain) == left.entry.places.map(\.domain))
        }
        #expect(LocalServer("https://quota.example") == nil)
    }
}
