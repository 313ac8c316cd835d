import AlulaSoaking
import Testing

struct MemoryTrendTests {
    @Test func isTheSlopeOfALine() {
        let line = (0..<50).map { (x: Double($0), y: 3 + 2.5 * Double($0)) }
        #expect(MemoryTrend.slope(line) == 2.5)
    }

    @Test func staysTheSameWhenAQuarterOfThePointsIsElsewhere() throws {
        var dice = SoakDice(seed: 7)
        let points = (0..<200).map { place in
            (x: Double(place), y: place.isMultiple(of: 4) ? Double.random(in: 0...90_000, using: &dice) : Double(place))
        }
        let slope = try #require(MemoryTrend.slope(points))
        #expect(abs(slope - 1) < 0.2)
    }

    @Test func isNothingWithoutTwoDifferentMoments() {
        #expect(MemoryTrend.slope([]) == nil)
        #expect(MemoryTrend.slope([(x: 1, y: 1)]) == nil)
        #expect(MemoryTrend.slope([(x: 1, y: 1), (x: 1, y: 9)]) == nil)
    }
}
