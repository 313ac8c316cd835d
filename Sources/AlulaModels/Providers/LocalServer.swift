/// A server on this machine that plays providers, for tests and for whoever wants to see how it goes without an account.
package struct LocalServer: Hashable, Sendable {
    /// Where a variable of the environment names one.
    package static let variable = "ALULA_LOGIN_SERVER"

    private let address: String

    /// - Parameter address: Such as `http://127.0.0.1:8080`.
    /// - Returns: `nil` for any address but one of this machine: no setting may send logins elsewhere.
    package init?(_ address: String) {
        let names = ["127.0.0.1", "localhost"].map { "http://\($0):" }
        guard let name = names.first(where: address.hasPrefix), let port = Int(address.dropFirst(name.count)),
            (1...65_535).contains(port), address == "\(name)\(port)"
        else { return nil }
        self.address = address
    }

    /// The same path on this server.
    package func moved(_ url: String) -> String {
        let path = url.split(separator: "/", omittingEmptySubsequences: false).dropFirst(3)
        return "\(address)/\(path.joined(separator: "/"))"
    }
}
