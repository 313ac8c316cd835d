package import AlulaAuth
package import AlulaJSON

/// The JSON shapes of facts and answers, for the pipe to the worker and for the snapshot that is kept between runs.
///
/// Decoding is strict: a missing or unknown field, another kind of value or an unknown case throws
/// ``WarmWorkerError``. What is encoded holds no secret, as facts hold none.
package enum FactCoding {
    /// What a worker is asked.
    package static func encode(_ plan: GatherPlan) -> JSONValue { plan.factJSON }

    /// One source's reading.
    package static func encode(_ reading: SourceReading) -> JSONValue { reading.factJSON }

    /// Everything that is known.
    package static func encode(_ facts: AuthFacts) -> JSONValue { facts.factJSON }

    /// One answer.
    package static func encode(_ availability: Availability) -> JSONValue { availability.factJSON }

    /// What makes a provider usable.
    package static func encode(_ evidence: Evidence) -> JSONValue { evidence.factJSON }

    /// Reads back a plan.
    package static func plan(from json: JSONValue) throws(WarmWorkerError) -> GatherPlan {
        try GatherPlan(factJSON: json)
    }

    /// Reads back one source's reading.
    package static func reading(from json: JSONValue) throws(WarmWorkerError) -> SourceReading {
        try SourceReading(factJSON: json)
    }

    /// Reads back everything that is known.
    package static func facts(from json: JSONValue) throws(WarmWorkerError) -> AuthFacts {
        try AuthFacts(factJSON: json)
    }

    /// Reads back one answer.
    package static func availability(from json: JSONValue) throws(WarmWorkerError) -> Availability {
        try Availability(factJSON: json)
    }

    /// Reads back what makes a provider usable.
    package static func evidence(from json: JSONValue) throws(WarmWorkerError) -> Evidence {
        try Evidence(factJSON: json)
    }
}
