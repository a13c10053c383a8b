using System.Security.Cryptography;

namespace EventBroker.Client.Publishing;

/// <summary>Makes message ids: 80 random bits of the process and a count. Unique, and far cheaper than a random number each; not
/// secret.</summary>
internal static class MessageIds
{
    private static readonly string Process = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));

    private static long _count;

    public static string Next() => string.Create(
        Process.Length + 12,
        Interlocked.Increment(ref _count),
        static (text, count) =>
        {
            Process.CopyTo(text);
            for (var i = text.Length - 1; i >= Process.Length; i--)
            {
                text[i] = "0123456789abcdef"[(int)(count & 15)];
                count >>= 4;
            }
        });
}
