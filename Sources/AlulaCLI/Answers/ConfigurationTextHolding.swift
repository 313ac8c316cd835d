package import AlulaConfiguration

/// The configuration file as a whole, as a person edits it.
package protocol ConfigurationTextHolding: Sendable {
    /// What an edit starts from; throws when nothing could come of one.
    func begin() async throws -> ConfigurationSnapshot
    /// What `text` in the place of the file comes to. Mistakes that were not there before are a
    /// ``ConfigurationEditError`` unless they are accepted.
    func check(
        _ text: [UInt8], replacing snapshot: ConfigurationSnapshot, acceptingMistakes: Bool
    ) async throws -> ConfigurationEditor.Outcome
    /// Puts what was checked in the place of the file, unless that is another by now.
    func write(_ outcome: ConfigurationEditor.Outcome) async throws
}
