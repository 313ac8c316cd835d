/// What a command tells its caller when it ends.
package struct ExitStatus: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let done = ExitStatus(rawValue: 0)
    /// The command ran, and the answer is no: a check failed, something was not found.
    package static let no = ExitStatus(rawValue: 1)
    /// The command ran, and the answer is yes, for now: a login ends soon, or a lint could not run.
    package static let attention = ExitStatus(rawValue: 2)
    package static let usage = ExitStatus(rawValue: 64)
    package static let unreachable = ExitStatus(rawValue: 69)
    package static let internalError = ExitStatus(rawValue: 70)
    /// Trying again may help.
    package static let temporary = ExitStatus(rawValue: 75)
    package static let notPermitted = ExitStatus(rawValue: 77)
    /// The configuration is invalid; the service unit does not restart on it.
    package static let configuration = ExitStatus(rawValue: 78)
}
