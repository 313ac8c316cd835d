import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaWarmWorker

struct FactCodingTests {
    /// Over the text, as it goes over the pipe.
    private func reread(_ json: JSONValue) throws -> JSONValue { try JSONValue.parse(json.serialized()) }

    @Test func readsBackEveryReading() throws {
        for reading in FactSamples.sourceReadings {
            #expect(try FactCoding.reading(from: reread(FactCoding.encode(reading))) == reading)
        }
    }

    @Test func readsBackEveryItemOfAPlan() throws {
        #expect(try FactCoding.plan(from: reread(FactCoding.encode(FactSamples.plan))) == FactSamples.plan)
        let empty = GatherPlan(items: [])
        #expect(try FactCoding.plan(from: reread(FactCoding.encode(empty))) == empty)
    }

    @Test func readsBackAllFacts() throws {
        #expect(try FactCoding.facts(from: reread(FactCoding.encode(FactSamples.facts))) == FactSamples.facts)
        #expect(try FactCoding.facts(from: reread(FactCoding.encode(AuthFacts()))) == AuthFacts())
    }

    @Test func readsBackEveryAnswer() throws {
        for availability in FactSamples.availabilities {
            #expect(try FactCoding.availability(from: reread(FactCoding.encode(availability))) == availability)
        }
        for evidence in FactSamples.evidence {
            #expect(try FactCoding.evidence(from: reread(FactCoding.encode(evidence))) == evidence)
        }
    }

    @Test func writesEqualFactsAsEqualTexts() {
        var other = AuthFacts()
        for (store, reading) in FactSamples.facts.stores.reversed() { other.stores[store] = reading }
        var same = AuthFacts()
        same.stores = FactSamples.facts.stores
        #expect(FactCoding.encode(other).serialized() == FactCoding.encode(same).serialized())
    }

    @Test(arguments: [
        (#"{"kind":"unknown"}"#, WarmWorkerError.Code.missingField),
        (#"{"kind":"unknown","reason":"not_read_yet","more":1}"#, .unknownField),
        (#"{"kind":"unknown","reason":7}"#, .wrongType), (#"["kind"]"#, .wrongType),
        (#"{"kind":"unknown","reason":"bored"}"#, .unknownCase), (#"{"kind":"maybe"}"#, .unknownCase),
        (#"{"kind":"unavailable","reason":"expired","until":1.5}"#, .invalidValue),
        (#"{"kind":"unavailable","reason":"expired","until":null}"#, .wrongType),
        (#"{"kind":"unavailable","reason":"expired","until":99999999999999999999}"#, .invalidValue),
    ])
    func refusesAnswersOfAnotherShape(text: String, code: WarmWorkerError.Code) throws {
        let json = try JSONValue.parse(text)
        let error = #expect(throws: WarmWorkerError.self) { try FactCoding.availability(from: json) }
        #expect(error?.code == code)
    }

    @Test(arguments: [
        (#"{"state":"found","version":"FEDCBA9876543210","fact":{"ids":{}}}"#, WarmWorkerError.Code.unknownCase),
        (#"{"state":"found","version":"1","fact":{"ids":{}}}"#, .unknownCase),
        (#"{"state":"found","version":"0000000000000001"}"#, .missingField),
        (#"{"state":"absent","fact":{"ids":{}}}"#, .unknownField),
    ])
    func refusesReadingsOfAnotherShape(reading: String, code: WarmWorkerError.Code) throws {
        let json = try JSONValue.parse(#"{"source":"secretSource","alias":"a","reading":\#(reading)}"#)
        let error = #expect(throws: WarmWorkerError.self) { try FactCoding.reading(from: json) }
        #expect(error?.code == code)
    }

    @Test func refusesIdsInAnotherSpellingThanTheirOwn() throws {
        let json = try JSONValue.parse(
            #"{"source":{"kind":"profile","profile":" openai:work"},"mode":"token","label":""}"#)
        let error = #expect(throws: WarmWorkerError.self) { try FactCoding.evidence(from: json) }
        #expect(error?.code == .unknownCase)
    }

    @Test func refusesValuesOfVariablesThatMayHoldSecrets() throws {
        var facts = AuthFacts()
        facts.environment.values = ["OPENAI_API_KEY": "sk-fake-canary"]
        let error = #expect(throws: WarmWorkerError.self) {
            try FactCoding.facts(from: FactCoding.encode(facts))
        }
        #expect(error?.code == .invalidValue)
        #expect(error?.message.contains("canary") == false)
    }

    @Test func refusesNegativeDeadlines() {
        let plan = GatherPlan(items: [], sourceDeadlineMilliseconds: -1)
        let error = #expect(throws: WarmWorkerError.self) { try FactCoding.plan(from: FactCoding.encode(plan)) }
        #expect(error?.code == .invalidValue)
    }
}
