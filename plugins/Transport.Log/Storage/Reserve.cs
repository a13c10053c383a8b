namespace EventBroker.Transport.Log.Storage;

/// <summary>Room on the disk that is set aside as a file, so that subscribers and settlements go on when everything else is full.</summary>
internal sealed class Reserve(string path, long bytes)
{
    // What opening a log takes: new files, and the commit that notes what comes again.
    private const long NeededToOpen = 4 * 1024 * 1024;

    private volatile bool _isUsed;

    /// <summary>Gets whether the disk is full and the room given up.</summary>
    public bool IsUsed => _isUsed;

    private long Free => new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;

    /// <summary>Gives the room up.</summary>
    public void Use()
    {
        _isUsed = true;
        File.Delete(path);
    }

    /// <summary>Gives the room up if there is too little to open the log.</summary>
    public void UseIfFull()
    {
        if (Free < Math.Min(bytes, NeededToOpen))
        {
            Use();
        }
    }

    /// <summary>Sets the room aside, if there is as much again, so that it is not given up at once.</summary>
    /// <returns>Whether it is there.</returns>
    public bool TryKeep()
    {
        if (!_isUsed && File.Exists(path) && new FileInfo(path).Length == bytes)
        {
            return true;
        }

        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            // Whoever has removed the folder did not fill the disk.
            return false;
        }

        try
        {
            if (Free >= bytes * 2)
            {
                var options = new FileStreamOptions
                {
                    Mode = FileMode.Create,
                    Access = FileAccess.Write,
                    Share = FileShare.Delete,
                    PreallocationSize = bytes,
                };
                using var stream = new FileStream(path, options);
                stream.SetLength(bytes);
                _isUsed = false;
                return true;
            }
        }
        catch (IOException)
        {
            // Full in between.
        }

        _isUsed = true;
        return false;
    }
}
