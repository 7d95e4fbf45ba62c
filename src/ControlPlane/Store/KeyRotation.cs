using Microsoft.Data.Sqlite;

namespace ControlPlane.Store;

/// <summary>Gives the Secrets a new key, while no control plane runs. A crash at any point is mended by the next start of anything that opens the store.</summary>
internal static class KeyRotation
{
    /// <returns>The number of the new key, and how many Secrets were encrypted anew.</returns>
    /// <exception cref="StoreDamagedException">There is no store, it is damaged, or in use.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static (int Key, int Secrets) Run(StoreFiles files)
    {
        if (!File.Exists(files.Database)) throw new StoreDamagedException($"there is no {files.Database}");
        using var held = files.TakeLock();
        try
        {
            PendingRestore.Finish(files);
            StoreInspection.RequireDatabase(files);
            var (file, encryption, content) = StoreInspection.Open(files);
            using (file)
            {
                encryption.Keys.Add();
                var count = Reseal.Run(file, encryption, content);
                file.KeepLog(false);
                return (encryption.Keys.Current, count);
            }
        }
        catch (SqliteException e)
        {
            throw StoreInspection.Describe(e, files);
        }
    }
}
