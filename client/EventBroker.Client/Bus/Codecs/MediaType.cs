namespace EventBroker.Client.Bus;

internal static class MediaType
{
    public const string Key = "content-type";

    /// <summary>A content type without its parameters.</summary>
    public static ReadOnlySpan<char> Of(string contentType)
    {
        var end = contentType.AsSpan().IndexOf(';');
        return (end < 0 ? contentType : contentType.AsSpan(0, end)).Trim();
    }
}
