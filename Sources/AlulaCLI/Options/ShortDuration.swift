import AlulaPrimitives

/// A length of time as people type it: `90s`, `15m`, `12h`, `365d`.
struct ShortDuration {
    let duration: Duration

    init?(_ text: String) {
        guard let unit = text.last, let count = Int64(text.dropLast()), count > 0, count <= 1_000_000_000 else {
            return nil
        }
        switch unit {
        case "s": duration = .seconds(count)
        case "m": duration = .seconds(count * 60)
        case "h": duration = .seconds(count * 3600)
        case "d": duration = .seconds(count * 86_400)
        default: return nil
        }
    }
}
