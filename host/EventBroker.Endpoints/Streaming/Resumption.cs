using EventBroker.Sdk.Transports;

namespace EventBroker.Endpoints.Streaming;

internal static class Resumption
{
    public static string Name(ResumeOutcome outcome) => outcome switch
    {
        ResumeOutcome.Exact => "exact",
        ResumeOutcome.Lost => "lost",
        ResumeOutcome.New => "new",
        ResumeOutcome.Kept => "kept",
        _ => "",
    };
}
