import Testing

@testable import AlulaAuth

struct LocalHostTests {
    @Test(arguments: [
        ("http://localhost:11434", "localhost"), ("HTTPS://LocalHost/v1", "localhost"),
        ("http://127.0.0.1:8000/v1?x=1", "127.0.0.1"), ("http://[::1]:8000/", "::1"),
        ("http://[::ffff:127.0.0.1]", "::ffff:127.0.0.1"), ("http://user:pw@10.0.0.7:1/", "10.0.0.7"),
        ("  http://box.local  ", "box.local"), ("http://h?x@y", "h"),
    ])
    func findsTheHost(_ url: String, _ host: String) { #expect(LocalHost.host(of: url) == host) }

    @Test(arguments: ["", "localhost", "ftp://localhost", "http://", "http://:80", "http://[::1"])
    func refusesWhatIsNoURL(_ url: String) { #expect(LocalHost.host(of: url) == nil) }

    @Test(arguments: [
        "localhost", "127.0.0.1", "0.0.0.0", "::1", "::ffff:7f00:1", "host.docker.internal", "mac.local", "10.1.2.3",
        "172.16.0.1", "172.31.255.255", "192.168.0.9",
    ])
    func knowsWhatIsNear(_ host: String) { #expect(LocalHost.isLocal(host)) }

    @Test(arguments: [
        "api.openai.com", "11.0.0.1", "172.15.0.1", "172.32.0.1", "192.169.0.1", "10.1.2", "10.1.2.3.4",
        "10.0.0.300", "notlocal", "local", "10.evil.example.com",
    ])
    func knowsWhatIsFar(_ host: String) { #expect(!LocalHost.isLocal(host)) }
}
