"""Notices and how people want to hear of them; what people prefer

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-23

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('notice',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('owner', sa.String(length=64), nullable=False),
    sa.Column('event', sa.String(length=16), nullable=False),
    sa.Column('title', sa.String(length=250), nullable=False),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('link', sa.Text(), nullable=False),
    sa.Column('job_id', sa.String(length=32), nullable=True),
    sa.Column('creation_time', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_time', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_notice_job_id_job'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_creation_time'), ['creation_time'], unique=False)
        batch_op.create_index(batch_op.f('ix_notice_job_id'), ['job_id'], unique=False)
        batch_op.create_index('ix_notice_owner_creation', ['owner', 'creation_time'], unique=False)
        batch_op.create_index('ix_notice_owner_read', ['owner', 'read_time'], unique=False)
    op.create_table('notice_choice',
    sa.Column('owner', sa.String(length=64), nullable=False),
    sa.Column('events', sa.JSON(), nullable=False),
    sa.Column('min_seconds', sa.Integer(), nullable=False),
    sa.Column('by_mail', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('owner', name=op.f('pk_notice_choice'))
    )
    op.create_table('webhook',
    sa.Column('owner', sa.String(length=64), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('secret', sa.LargeBinary(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('creation_time', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_success', sa.DateTime(timezone=True), nullable=True),
    sa.Column('off_time', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('owner', name=op.f('pk_webhook'))
    )
    op.create_table('notice_sending',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('notice_id', sa.String(length=32), nullable=False),
    sa.Column('owner', sa.String(length=64), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('due', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_time', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_notice_sending_notice_id_notice'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_sending'))
    )
    with op.batch_alter_table('notice_sending', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_sending_due'), ['due'], unique=False)
        batch_op.create_index(batch_op.f('ix_notice_sending_notice_id'), ['notice_id'], unique=False)
        batch_op.create_index('ix_notice_sending_owner', ['owner', 'channel', 'sent_time'], unique=False)
    op.create_table('preference',
    sa.Column('owner', sa.String(length=64), nullable=False),
    sa.Column('archives', sa.JSON(), nullable=False),
    sa.Column('facilities', sa.JSON(), nullable=False),
    sa.Column('coordinates', sa.String(length=16), nullable=False),
    sa.PrimaryKeyConstraint('owner', name=op.f('pk_preference'))
    )


def downgrade():
    op.drop_table('preference')
    op.drop_table('notice_sending')
    op.drop_table('webhook')
    op.drop_table('notice_choice')
    op.drop_table('notice')
