using System.Text;

namespace ControlPlane.Certificates;

/// <summary>Files that only their owner can read (mode 0600): private keys and what goes with them.</summary>
internal static class OwnerOnlyFile
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Through a temporary file, so that the file is whole or not there.</summary>
    public static void Write(string path, string text)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Mode }))
        {
            file.Write(Encoding.ASCII.GetBytes(text + "\n"));
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Held until disposed; it ends with the process. Waits for ten seconds.</summary>
    /// <exception cref="IOException">Another process holds it.</exception>
    public static FileStream Lock(string path)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                // FileShare.None takes flock(2), which ends with the process.
                return new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = Mode });
            }
            catch (IOException) when (attempt < 200 && File.Exists(path))
            {
                Thread.Sleep(50);
            }
        }
    }
}
