<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Relations\BelongsTo;
use Illuminate\Support\Carbon;

/**
 * @property int $id
 * @property int|null $user_id
 * @property string $text
 * @property Carbon $created_at
 * @property User|null $user
 */
class Message extends Model
{
    private const CONSOLE = 'Console';

    protected $fillable = ['user_id', 'text'];

    /** @return BelongsTo<User, $this> */
    public function user(): BelongsTo
    {
        return $this->belongsTo(User::class);
    }

    /** @return array{id: int, user: array{id: int|null, name: string}, text: string, at: string} */
    public function forBrowsers(): array
    {
        return [
            'id' => $this->id,
            'user' => ['id' => $this->user_id, 'name' => $this->user->name ?? self::CONSOLE],
            'text' => $this->text,
            'at' => $this->created_at->toIso8601ZuluString(),
        ];
    }
}
