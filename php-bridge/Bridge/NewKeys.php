<?php

declare(strict_types=1);

namespace Revurb\Bridge;

use Illuminate\Foundation\Application;

/**
 * Finds the keys of this package that the application's own config/reverb.php does not have. It reads the file, since Laravel's
 * configuration already contains the defaults.
 */
final readonly class NewKeys
{
    public function __construct(
        private Application $app,
        private AddedKeys $keys,
    ) {}

    /** @return list<string> with dots; all of them where there is no file */
    public function find(): array
    {
        $config = $this->hasFile() ? require $this->file() : [];

        return $this->keys->missingFrom(is_array($config) ? $config : []);
    }

    public function hasFile(): bool
    {
        return is_file($this->file());
    }

    private function file(): string
    {
        return $this->app->configPath('reverb.php');
    }
}
