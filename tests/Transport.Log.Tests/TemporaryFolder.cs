namespace EventBroker.Transport.Log.Tests;

/// <summary>A folder of one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventbroker-log-");

    public string Path => _folder.FullName;

    public string Combine(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Copies the files of a folder.</summary>
    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from).Where(static f => System.IO.Path.GetFileName(f) is not ("lock" or "reserve")))
        {
            File.Copy(file, System.IO.Path.Combine(to, System.IO.Path.GetFileName(file)));
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
