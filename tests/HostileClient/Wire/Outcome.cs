namespace HostileClient.Wire;

/// <summary>How the broker took something, in few words.</summary>
internal static class Outcome
{
    private const string Internal = "grpc 13";
    private const string Unknown = "grpc 2";

    public static string Http(int status) => $"{status}";

    public static string Grpc(string status, string message) =>
        IsFaulty(status) ? $"grpc {status}: {Uri.UnescapeDataString(message)}" : $"grpc {status}";

    public static string Http(int status, string body) => status == 500 ? $"500: {body.ReplaceLineEndings(" ")}" : Http(status);

    /// <summary>Whether it is something that no caller may bring about: an INTERNAL of any protocol.</summary>
    public static bool IsFault(string outcome) =>
        outcome.StartsWith("500", StringComparison.Ordinal)
        || outcome.EndsWith("close 1011", StringComparison.Ordinal)
        || outcome == Internal || outcome.StartsWith(Internal + ":", StringComparison.Ordinal)
        || outcome == Unknown || outcome.StartsWith(Unknown + ":", StringComparison.Ordinal);

    private static bool IsFaulty(string status) => status is "2" or "13";
}
