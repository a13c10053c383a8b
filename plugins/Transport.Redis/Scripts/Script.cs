using System.Security.Cryptography;
using System.Text;

namespace EventBroker.Transport.Redis.Scripts;

/// <summary>A script that runs in the server, so that what it looks at can't change before it acts. Its text begins with what all share.</summary>
internal sealed class Script
{
    private Script(string name)
    {
        Name = name;
        Text = ReadText("common.lua") + ReadText(name + ".lua");
#pragma warning disable CA5350 // The server knows scripts by this hash; nothing is secured by it.
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(Text));
#pragma warning restore CA5350
    }

    public static Script Register { get; } = new("register");

    public static Script Unregister { get; } = new("unregister");

    public static Script Recreate { get; } = new("recreate");

    public static Script Describe { get; } = new("describe");

    public static Script Publish { get; } = new("publish");

    public static Script Start { get; } = new("start");

    public static Script Read { get; } = new("read");

    public static Script Open { get; } = new("open");

    public static Script Fetch { get; } = new("fetch");

    public static Script Settle { get; } = new("settle");

    public static Script Renew { get; } = new("renew");

    public static Script Leave { get; } = new("leave");

    public static Script Reap { get; } = new("reap");

    public static Script Restore { get; } = new("restore");

    public static Script Watch { get; } = new("watch");

    public static Script Sweep { get; } = new("sweep");

    public static Script Seek { get; } = new("seek");

    public string Name { get; }

    public string Text { get; }

    public byte[] Hash { get; }

    private static string ReadText(string file)
    {
        using var stream = typeof(Script).Assembly.GetManifestResourceStream(file)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
