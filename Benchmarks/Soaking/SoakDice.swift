/// Chance that is the same for the same seed, on every machine (SplitMix64).
///
/// Each part of a soak has dice of its own, so that what it does next depends on nothing but the seed and on what it did
/// before: not on who else was faster this time.
package struct SoakDice: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// - Parameter part: Who throws them.
    package init(seed: UInt64, part: String = "") {
        state = seed
        for byte in part.utf8 { state = (next() &* 31) ^ UInt64(byte) }
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Whether something happens that happens `percent` times of a hundred.
    package mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    /// A pause of about `milliseconds`: from half of it to one and a half.
    package mutating func pause(about milliseconds: Double) -> Double {
        Double.random(in: 0.5..<1.5, using: &self) * milliseconds
    }
}
