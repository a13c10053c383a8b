using System.Diagnostics;

namespace EventBroker.Transport.Log.Tests;

/// <summary>A file system of one test, in memory and so small that it can be filled.</summary>
internal sealed class SmallFileSystem : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _filler;

    private SmallFileSystem() => _filler = Combine("filler");

    public string Path => _folder.Combine("mounted");

    public long Free => new DriveInfo(Path).AvailableFreeSpace;

    /// <summary>Mounts one, or skips the test where that is not allowed.</summary>
    public static SmallFileSystem Mount(int mebibytes)
    {
        var made = TryMount(mebibytes);
        Assert.SkipWhen(
            made is null, "No file system could be mounted: run this test on Linux as root, outside of containers that forbid it.");
        return made!;
    }

    /// <summary>Mounts one.</summary>
    /// <returns>Null where that is not allowed.</returns>
    public static SmallFileSystem? TryMount(int mebibytes)
    {
        var made = new SmallFileSystem();
        Directory.CreateDirectory(made.Path);
        if (OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "none", made.Path))
        {
            return made;
        }

        made._folder.Dispose();
        return null;
    }

    public string Combine(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Takes what is free, but for so many bytes.</summary>
    public void Fill(long leaving = 0)
    {
        using var filler = new FileStream(_filler, FileMode.Append);
        var bytes = new byte[1 << 20];
        try
        {
            while (Free - leaving is > 0 and var left)
            {
                filler.Write(bytes.AsSpan(0, left > bytes.Length ? bytes.Length : 4096));
                filler.Flush();
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    /// <summary>Lets it be read only, or written again.</summary>
    public void Remount(bool readOnly) => Assert.True(Run("mount", "-o", readOnly ? "remount,ro" : "remount,rw", Path));

    public void MakeRoom() => File.Delete(_filler);

    public void Dispose()
    {
        // Also while somebody still has a file open there.
        Run("umount", "-l", Path);
        _folder.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no such program.
            return false;
        }
    }
}
