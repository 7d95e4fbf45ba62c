namespace ControlPlane.Store;

internal enum StoreFault
{
    /// <summary>A create found the key taken.</summary>
    Exists,

    /// <summary>An update or delete found no such key.</summary>
    NotFound,

    /// <summary>An update or delete found another revision than the expected one.</summary>
    Conflict,

    /// <summary>The write could not be made durable (disk full, I/O error, shutting down); nothing was changed.</summary>
    Unavailable,
}

/// <summary>A write that the store refused; the stored objects are as before.</summary>
internal sealed class StoreException(StoreFault fault, string message, Exception? cause = null) : Exception(message, cause)
{
    public StoreFault Fault => fault;
}

/// <summary>The database file cannot be used: damaged, of another program, or held by another process. It is left as it is.</summary>
internal sealed class StoreDamagedException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>A watch asked for changes after a revision that the history no longer reaches back to.</summary>
internal sealed class RevisionTooOldException(long revision, long oldest) : Exception($"too old resource version: {revision} ({oldest})");
