/// The programs that a scene is made with, and what faults may do to this machine.
package struct FaultTools: Sendable {
    /// Where `alula` is.
    package var binaries: String
    /// Where the programs are that stand in for broken parts; see `Saboteurs/`.
    package var saboteurs: String
    /// Whether file systems may be mounted.
    package var allowsMounts: Bool
    /// Whether one in user space may.
    package var allowsFUSE: Bool

    package init(binaries: String, saboteurs: String, allowsMounts: Bool, allowsFUSE: Bool) {
        self.binaries = binaries
        self.saboteurs = saboteurs
        self.allowsMounts = allowsMounts
        self.allowsFUSE = allowsFUSE
    }
}
