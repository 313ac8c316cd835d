/// Which agent of a fleet plays which part in a soak: whoever writes a store whole must be the only one who writes it.
package struct SoakCast: Sendable {
    /// Fewer agents leave nobody for some parts.
    package static let leastAgents = 40

    /// Their stores are edited by another program.
    package let edited = [5, 9, 14, 21]
    /// Logins come and go through the product.
    package let loggedIn = [6, 10, 15, 22]
    /// Its store is left half written for a while.
    package let halfWritten = 12
    /// Its store is what faults break.
    package let victim: Int
    /// Its store is edited after each fault, to see whether edits get through again.
    package let canary = 8
    /// Their stores are written again and say the same. The first agent is not among them: its store is everybody's.
    package let touched: [Int]
    package let agentCount: Int

    /// - Parameter agentCount: At least ``leastAgents``.
    package init(agentCount: Int) {
        self.agentCount = agentCount
        victim = agentCount / 2
        let others = Set([0, 8, 12, agentCount / 2]).union([5, 9, 14, 21]).union([6, 10, 15, 22])
        touched = (0..<agentCount).filter { !others.contains($0) }
    }

    /// Those about whom answers change.
    package var changing: [Int] { edited + loggedIn + [0, canary, halfWritten, victim] }
}
