import AlulaSoaking
import Testing

struct SoakDiceTests {
    private func throwsOf(_ seed: UInt64, _ part: String) -> [UInt64] {
        var dice = SoakDice(seed: seed, part: part)
        return (0..<20).map { _ in dice.next() }
    }

    @Test func fallsTheSameForTheSameSeed() {
        #expect(throwsOf(7, "edits") == throwsOf(7, "edits"))
        #expect(throwsOf(7, "edits") != throwsOf(8, "edits"))
    }

    @Test func fallsDifferentlyForEachPart() {
        #expect(throwsOf(7, "edits") != throwsOf(7, "logins"))
        #expect(throwsOf(7, "edits") != throwsOf(7, ""))
    }

    @Test func keepsPausesAroundWhatIsAskedFor() {
        var dice = SoakDice(seed: 3)
        let pauses = (0..<1000).map { _ in dice.pause(about: 100) }
        #expect(pauses.allSatisfy { (50..<150).contains($0) })
        #expect(abs(pauses.reduce(0, +) / 1000 - 100) < 5)
    }
}
