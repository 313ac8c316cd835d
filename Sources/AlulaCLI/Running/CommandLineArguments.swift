/// A command line in the order that the parser wants.
struct CommandLineArguments {
    let arguments: [String]
    let wantsJSON: Bool
    let asksForVersion: Bool

    private static let flags: Set<String> = ["--dev", "--json", "--plain", "--no-color", "--no-input"]
    private static let options: Set<String> = [
        "--state-dir", "--profile", "--log-level", "--url", "--token", "--password", "--timeout", "--agent",
    ]

    /// Global options may stand in front of the command, where people write them and the parser looks for none; they
    /// are moved behind it.
    init(_ given: [String]) {
        var leading: [String] = []
        var rest = given[...]
        while let next = rest.first {
            let name = String(next.prefix { $0 != "=" })
            if Self.flags.contains(next) || (Self.options.contains(name) && name != next) {
                leading.append(next)
                rest = rest.dropFirst()
            } else if Self.options.contains(next), rest.count > 1 {
                leading += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        let isBare = rest.isEmpty || rest.first.map { $0.hasPrefix("-") } ?? true
        asksForVersion = rest.first.map { ["--version", "-V", "-v"].contains($0) } ?? false
        if asksForVersion {
            arguments = ["--version"]
        } else if isBare {
            // Without a command there is nobody to take the options, and only help can be meant.
            arguments = Array(rest)
        } else {
            let end = rest.firstIndex(of: "--") ?? rest.endIndex
            arguments = rest[..<end] + leading + rest[end...]
        }
        wantsJSON = given.prefix { $0 != "--" }.contains("--json")
    }
}
